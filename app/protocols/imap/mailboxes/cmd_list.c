/* protocols/imap/mailboxes/cmd_list.c: LIST with its extensions (RFC 9051 6.3.9, RFC
 * 5258).
 *
 * All names are read at once (listing.h). A generator then matches them in slices, since
 * a client's patterns can make matching slow, and sends them as fast as the client
 * reads. */
#include "formats/imap_wire/put.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/mailboxes/listing.h"
#include "protocols/imap/mailboxes/metadata.h"
#include "protocols/imap/mailboxes/rights.h"
#include "protocols/imap/mailboxes/status.h"

/* RFC 6154 2: special uses of other users' mailboxes are theirs. */
static struct str special_use(const struct entry *x)
{
	return x->box && !x->foreign ? mailbox_role_attribute(x->box->role) : STR_EMPTY;
}

static bool is_selected(const struct imap_list *what, const struct entry *x)
{
	if ((what->select & LIST_SUBSCRIBED) && !x->subscribed)
		return false;
	if ((what->select & LIST_SPECIAL_USE) && special_use(x).n == 0)
		return false;
	/* A name without a mailbox matters only for subscriptions and for levels above
	 * mailboxes. */
	return x->box || x->level || (what->select & LIST_SUBSCRIBED);
}

/* Does an entry below entry i meet the selection without matching the pattern?
 * RECURSIVEMATCH requests that (RFC 5258 3.1). */
static bool child_selected(const struct imap_list *what, const struct listing *l, size_t i)
{
	for (size_t k = i + 1; k < l->n && str_starts(l->entries[k].name, l->entries[i].name); k++)
		if (listing_below(l->entries[k].name, l->entries[i].name) &&
		    is_selected(what, &l->entries[k]) && !l->entries[k].matches)
			return true;
	return false;
}

static void attribute(struct buf *out, struct str name)
{
	if (out->p[out->n - 1] != '(')
		buf_byte(out, ' ');
	buf_put(out, name);
}

void listing_attributes_put(struct buf *out, const struct imap_list *what, const struct entry *x)
{
	/* Clients of RFC 3501 support only one of the two. */
	if (!x->box)
		attribute(out,
		          x->above && !what->extended ? STR("\\Noselect") : STR("\\NonExistent"));
	if (x->subscribed && ((what->select | what->returns) & LIST_SUBSCRIBED))
		attribute(out, STR("\\Subscribed"));
	/* Sent without a request too (RFC 3348, RFC 6154 2), and always on request (RFC
	 * 5258 4). */
	if (x->box || x->above || what->returns & LIST_CHILDREN)
		attribute(out, x->has_children ? STR("\\HasChildren") : STR("\\HasNoChildren"));
	if (special_use(x).n)
		attribute(out, special_use(x));
}

/* The criteria by which it was selected (RFC 5258 3.5, RFC 6154 2). */
static void childinfo_put(struct buf *out, const struct imap_list *what)
{
	buf_put(out, STR(" (CHILDINFO ("));
	if (what->select & LIST_SUBSCRIBED)
		buf_put(out, STR("\"SUBSCRIBED\""));
	if (what->select & LIST_SPECIAL_USE)
		buf_put(out, what->select & LIST_SUBSCRIBED ? STR(" \"SPECIAL-USE\"")
		                                            : STR("\"SPECIAL-USE\""));
	buf_put(out, STR("))"));
}

/* The requested return options. A name listed only for its children has none (RFC 8440
 * 4), and STATUS requires the right to read (RFC 4314 4). */
static void returns_put(struct imap *s, const struct imap_list *what, const struct entry *x)
{
	uint64_t longest;

	if (!x->box || !is_selected(what, x))
		return;
	if ((what->returns & LIST_STATUS) && (x->rights & RIGHT_READ))
		imap_status_put(s, x->name, what->status, x->box, &x->counts);
	if (what->returns & LIST_MYRIGHTS)
		imap_myrights_put(s, x->name, x->rights);
	/* An unreadable one has none (RFC 9590). */
	if (what->returns & LIST_METADATA)
		(void)!imap_metadata_put(s, x->name, &what->metadata, &longest);
}

static void list_put_item(struct imap *s, const struct imap_list *what, const struct entry *x,
                          bool child)
{
	struct buf *out = imap_out(s);

	buf_put(out, STR("* LIST ("));
	listing_attributes_put(out, what, x);
	listing_name_put(s, x->name);
	if (child)
		childinfo_put(out, what);
	buf_put(out, STR("\r\n"));
	returns_put(s, what, x);
}

/* A subscription without a mailbox may have parents that do not exist. RECURSIVEMATCH
 * requires those, each once (RFC 5258 3.5). */
static void list_parents(struct imap *s, struct listing *l, struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		struct entry parent = { .name = str_sub(name, 0, i) };

		if (name.p[i] == '/' && !listing_below(l->before, parent.name) &&
		    listing_matches(l->what, parent.name) && !listing_find(l, parent.name))
			list_put_item(s, l->what, &parent, true);
	}
	l->before = name;
}

static enum done list_answer(struct imap *s)
{
	struct listing *l = s->run.task;

	if (!listing_match(l))
		return DONE_LATER;
	for (; l->next < l->n; l->next++) {
		const struct entry *x = &l->entries[l->next];
		bool child;

		if (listing_pauses(l))
			return DONE_LATER;
		if (!x->matches) {
			if ((l->what->select & LIST_RECURSIVEMATCH) && !x->box &&
			    is_selected(l->what, x))
				list_parents(s, l, x->name);
			continue;
		}
		child = (l->what->select & LIST_RECURSIVEMATCH) &&
		        child_selected(l->what, l, l->next);
		if (is_selected(l->what, x) || child)
			list_put_item(s, l->what, x, child);
	}
	return DONE;
}

enum done imap_cmd_list(struct imap *s, union imap_args *args)
{
	if (!imap_metadata_valid(&args->list.metadata, false)) {
		imap_bad(s, "Invalid entry name");
		return DONE;
	}
	if (!listing_asks_delimiter(&args->list))
		return listing_begin(s, &args->list, list_answer);
	buf_put(imap_out(s), STR("* LIST (\\Noselect"));
	listing_name_put(s, STR_EMPTY);
	buf_put(imap_out(s), STR("\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}
