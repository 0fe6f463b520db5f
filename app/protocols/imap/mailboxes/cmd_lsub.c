/* protocols/imap/mailboxes/cmd_lsub.c: LSUB (RFC 3501 6.3.9). */
#include "protocols/imap/commands.h"
#include "protocols/imap/mailboxes/listing.h"

static void lsub_put(struct imap *s, const char *attributes, struct str name)
{
	buf_put(imap_out(s), STR("* LSUB ("));
	buf_put(imap_out(s), str_of(attributes));
	listing_name_put(s, name);
	buf_put(imap_out(s), STR("\r\n"));
}

static bool is_subscribed(const struct listing *l, struct str name)
{
	const struct entry *x = listing_find(l, name);

	return x && x->subscribed;
}

/* With "%", a parent of subscribed names is listed even if it is not subscribed (RFC 3501
 * 6.3.9). Each once: the preceding subscribed name has the same parents. */
static void lsub_parents(struct imap *s, const struct listing *l, struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		struct str parent = str_sub(name, 0, i);

		if (name.p[i] == '/' && !listing_below(l->before, parent) &&
		    listing_matches(l->what, parent) && !is_subscribed(l, parent))
			lsub_put(s, "\\Noselect", parent);
	}
}

static enum done lsub_answer(struct imap *s)
{
	struct listing *l = s->run.task;

	if (!listing_match(l))
		return DONE_LATER;
	for (; l->next < l->n; l->next++) {
		const struct entry *x = &l->entries[l->next];

		if (listing_pauses(l))
			return DONE_LATER;
		if (!x->subscribed)
			continue;
		if (x->matches)
			lsub_put(s, "", x->name);
		else
			lsub_parents(s, l, x->name);
		l->before = x->name;
	}
	return DONE;
}

enum done imap_cmd_lsub(struct imap *s, union imap_args *args)
{
	if (!listing_asks_delimiter(&args->list))
		return listing_begin(s, &args->list, lsub_answer);
	lsub_put(s, "\\Noselect", STR_EMPTY);
	imap_ok(s, NULL, NULL);
	return DONE;
}
