/* formats/imap_wire/notify.c: see notify.h. */
#include "formats/imap_wire/notify.h"

struct parser {
	struct cur *c;
	struct arena *a;
	bool utf8;
	struct imap_notify *out;
};

/* event = atom. Only messages of the selected mailbox can have fetch items. */
static bool event(struct parser *p, bool selected, unsigned *events)
{
	static const struct {
		struct str name;
		enum imap_event event;
	} known[] = {
		{ { "MessageNew", 10 }, EVENT_MESSAGE_NEW },
		{ { "MessageExpunge", 14 }, EVENT_MESSAGE_EXPUNGE },
		{ { "FlagChange", 10 }, EVENT_FLAG_CHANGE },
		{ { "MailboxName", 11 }, EVENT_MAILBOX_NAME },
		{ { "SubscriptionChange", 18 }, EVENT_SUBSCRIPTION },
		{ { "MailboxMetadataChange", 21 }, EVENT_METADATA },
		{ { "ServerMetadataChange", 20 }, EVENT_SERVER_METADATA },
	};
	unsigned which = EVENT_OTHER;
	struct cur at;
	struct str name;

	if (!imap_atom_parse(p->c, &name))
		return false;
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eqi(name, known[i].name))
			which = known[i].event;
	*events |= which;
	at = *p->c;
	if (which != EVENT_MESSAGE_NEW || !imap_space(&at) || cur_peek(&at) != '(')
		return true;
	*p->c = at;
	p->out->selected.has_atts = true;
	return selected && imap_fetch_atts_parse(p->c, p->a, &p->out->selected.atts);
}

/* RFC 5465 5: new and expunged messages together or not at all, flags only with them. */
static bool fit(unsigned events)
{
	static const unsigned both = EVENT_MESSAGE_NEW | EVENT_MESSAGE_EXPUNGE;

	return (events & EVENT_OTHER) || (events & EVENTS_MESSAGE) == 0 ||
	       (events & both) == both;
}

/* events = "(" event *(SP event) ")" / "NONE" */
static bool events(struct parser *p, bool selected, unsigned *out)
{
	*out = 0;
	if (imap_word(p->c, STR("NONE")))
		return true;
	if (!cur_byte(p->c, '('))
		return false;
	do {
		if (!event(p, selected, out))
			return false;
	} while (imap_space(p->c));
	p->out->events |= *out;
	return cur_byte(p->c, ')') && fit(*out);
}

static bool selected(struct parser *p, bool delayed)
{
	struct imap_notify *out = p->out;

	if (out->selected.given) /* RFC 5465 6.1 */
		return false;
	out->selected.given = true;
	out->selected.delayed = delayed;
	return imap_space(p->c) && events(p, true, &out->selected.events) &&
	       (out->selected.events & ~(unsigned)(EVENTS_MESSAGE | EVENT_OTHER)) == 0;
}

/* event-group = "(" filter-mailboxes SP events ")" */
static bool group(struct parser *p)
{
	struct imap_notify_group g = { .events = 0 };
	struct imap_notify *out = p->out;

	if (!cur_byte(p->c, '(') || !imap_filter_parse(p->c, p->a, p->utf8, &g.filter))
		return false;
	if (g.filter.by == FILTER_SELECTED || g.filter.by == FILTER_SELECTED_DELAYED)
		return selected(p, g.filter.by == FILTER_SELECTED_DELAYED) && cur_byte(p->c, ')');
	if (g.filter.by == FILTER_SUBTREE_ONE || out->n == IMAP_NOTIFY_GROUPS ||
	    !imap_space(p->c) || !events(p, false, &g.events))
		return false;
	out->names += g.filter.names.n;
	*(struct imap_notify_group *)imap_push(p->a, &out->groups, &out->n, sizeof(g)) = g;
	return cur_byte(p->c, ')');
}

bool imap_notify_parse(struct cur *c, struct arena *a, bool utf8, struct imap_notify *out)
{
	struct parser p = { c, a, utf8, out };
	struct cur at;

	*out = (struct imap_notify){ 0 };
	if (imap_word(c, STR("NONE")))
		return true;
	out->set = true;
	if (!imap_word(c, STR("SET")) || !imap_space(c))
		return false;
	at = *c;
	if (imap_word(&at, STR("STATUS")) && imap_space(&at)) {
		out->status = true;
		*c = at;
	}
	do {
		if (!group(&p))
			return false;
	} while (imap_space(c));
	return true;
}
