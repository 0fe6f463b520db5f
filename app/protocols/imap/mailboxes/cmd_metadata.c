/* protocols/imap/mailboxes/cmd_metadata.c: GETMETADATA and SETMETADATA (RFC 5464 4.2, 4.3). */
#include "formats/imap_wire/put.h"
#include "foundation/config/limits.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/metadata.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/mailboxes/metadata.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/search/named_search.h"
#include "protocols/imap/store.h"

#define ADMIN STR("/shared/admin")

struct metadata_call {
	struct imap_place at;
	bool server;
	struct arena *arena;
	struct metadata all;
	struct metadata_entry *entries; /* to set */
	size_t n;
};

bool imap_metadata_valid(const struct imap_metadata *what, bool prefix)
{
	for (size_t i = 0; i < what->n; i++)
		if (!metadata_name_valid(what->entries[i].name, prefix))
			return false;
	return true;
}

/* The mail_txn and mailbox that the call is about. */
static enum err metadata_find(const struct mail_txn *m, const struct metadata_call *g,
                              struct mail_txn *at, uint32_t *mailbox)
{
	struct mailbox box = { 0 };
	enum err e = OK;

	*at = *m;
	if (g->server)
		at->account = 0;
	else
		e = mailbox_find_for(m, g->at.name, RIGHT_LOOKUP, &box);
	*mailbox = box.id;
	return e;
}

/* --- reading ---------------------------------------------------------------------------- */

static enum err metadata_read_all(const struct mail_txn *m, void *arg)
{
	struct metadata_call *g = arg;
	struct mail_txn at;
	uint32_t mailbox;
	enum err e = metadata_find(m, g, &at, &mailbox);

	return e ? e : metadata_read(&at, mailbox, g->arena, &g->all);
}

/* Levels of entry below asked; -1 if it is neither asked nor below. */
static int distance(struct str asked, struct str entry)
{
	int levels = 0;

	if (!str_startsi(entry, asked))
		return -1;
	if (entry.n == asked.n)
		return 0;
	if (entry.p[asked.n] != '/')
		return -1;
	for (size_t i = asked.n; i < entry.n; i++)
		levels += entry.p[i] == '/';
	return levels;
}

static bool is_asked(const struct imap_metadata *what, struct str entry)
{
	for (size_t i = 0; i < what->n; i++) {
		int far = distance(what->entries[i].name, entry);

		if (far == 0 || (far == 1 && what->depth == DEPTH_1) ||
		    (far > 0 && what->depth == DEPTH_ALL))
			return true;
	}
	return false;
}

struct telling {
	struct imap *s;
	struct str mailbox;
	bool begun;
};

static void entry_put(struct telling *t, struct str name, const struct str *value)
{
	struct buf *out = imap_out(t->s);

	if (!t->begun) {
		buf_put(out, STR("* METADATA "));
		imap_put_mailbox(out, t->mailbox, imap_utf8(t->s));
		buf_put(out, STR(" ("));
	} else {
		buf_byte(out, ' ');
	}
	t->begun = true;
	imap_put_astring(out, name);
	buf_byte(out, ' ');
	if (value)
		imap_metadata_value_put(out, *value);
	else
		buf_put(out, STR("NIL"));
}

static bool exists(const struct metadata *all, struct str name)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eqi(all->entries[i].name, name))
			return true;
	return false;
}

/* RFC 5464 3.2.1.1: the contact; the domain's postmaster always exists (RFC 5321
 * 4.5.1). */
static void admin_add(const struct imap *s, struct metadata_call *g)
{
	struct metadata_entry *all = arena_array(g->arena, struct metadata_entry, g->all.n + 1);
	struct str own = s->login.login.address;
	ptrdiff_t at = str_rfind_byte(own, '@');

	for (size_t i = 0; i < g->all.n; i++)
		all[i] = g->all.entries[i];
	all[g->all.n] = (struct metadata_entry){
		.name = ADMIN,
		.value = str_fmt(g->arena, "mailto:postmaster%.*s",
		                 STR_ARG(str_sub(own, at < 0 ? 0 : (size_t)at, own.n))),
	};
	g->all.entries = all;
	g->all.n++;
}

enum err imap_metadata_put(struct imap *s, struct str name, const struct imap_metadata *what,
                           uint64_t *longest)
{
	struct metadata_call g = { .at = imap_place(name),
		                   .server = name.n == 0,
		                   .arena = &s->run.arena };
	struct telling t = { .s = s, .mailbox = name };
	enum err e = imap_read_at(s, &g.at, metadata_read_all, &g);

	*longest = 0;
	if (e)
		return e;
	if (g.server)
		admin_add(s, &g);
	for (size_t i = 0; i < g.all.n; i++) {
		const struct metadata_entry *x = &g.all.entries[i];

		if (!is_asked(what, x->name))
			continue;
		if (what->has_maxsize && x->value.n > what->maxsize)
			*longest = MAX(*longest, x->value.n);
		else
			entry_put(&t, x->name, &x->value);
	}
	for (size_t i = 0; i < what->n && what->depth == DEPTH_0; i++)
		if (!exists(&g.all, what->entries[i].name))
			entry_put(&t, what->entries[i].name, NULL);
	if (t.begun)
		buf_put(imap_out(s), STR(")\r\n"));
	return OK;
}

enum done imap_cmd_getmetadata(struct imap *s, union imap_args *args)
{
	const struct imap_metadata *what = &args->metadata;
	uint64_t longest;
	enum err e;

	if (!imap_metadata_valid(what, true)) {
		imap_bad(s, "Invalid entry name"); /* RFC 5464 3.2 */
		return DONE;
	}
	e = imap_metadata_put(s, what->mailbox, what, &longest);
	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	imap_ok(s, NULL, NULL);
	if (longest)
		s->reply.code = str_fmt(&s->run.arena, "METADATA LONGENTRIES %" PRIu64, longest);
	return DONE;
}

/* --- writing ---------------------------------------------------------------------------- */

static enum err set_all(const struct mail_txn *m, void *arg)
{
	struct metadata_call *g = arg;
	struct mail_txn at;
	uint32_t mailbox;
	enum err e = metadata_find(m, g, &at, &mailbox);

	return e ? e : metadata_set(&at, mailbox, g->entries, g->n);
}

struct str imap_metadata_too_big(struct imap *s)
{
	return str_fmt(&s->run.arena, "METADATA MAXSIZE %u", (unsigned)LIMIT_metadata_value);
}

/* Checks that need no lookup; false: s->reply is set. */
static bool may_set(struct imap *s, const struct imap_metadata *what)
{
	for (size_t i = 0; i < what->n; i++) {
		const struct imap_metadata_entry *x = &what->entries[i];

		if (x->value.n > LIMIT_metadata_value) {
			imap_no(s, NULL, "The value is too big");
			s->reply.code = imap_metadata_too_big(s);
			return false;
		}
		/* RFC 5464 3.3: only administrators set shared entries of the server. */
		if (!what->mailbox.n && !metadata_name_private(x->name) &&
		    (s->login.login.role != ROLE_OWNER || str_eqi(x->name, ADMIN))) {
			imap_no(s, "NOPERM", "Permission denied");
			return false;
		}
		if (!what->mailbox.n && !imap_named_search_settable(s, x))
			return false;
	}
	return true;
}

static struct metadata_entry *entries_of(struct arena *a, const struct imap_metadata *what)
{
	struct metadata_entry *entries = arena_array(a, struct metadata_entry, what->n);

	for (size_t i = 0; i < what->n; i++)
		entries[i] =
			(struct metadata_entry){ str_lower(a, what->entries[i].name),
			                         what->entries[i].value, what->entries[i].nil };
	return entries;
}

enum done imap_cmd_setmetadata(struct imap *s, union imap_args *args)
{
	const struct imap_metadata *what = &args->metadata;
	struct metadata_call g = { .at = imap_place(what->mailbox),
		                   .server = what->mailbox.n == 0,
		                   .arena = &s->run.arena };
	struct why why = { "" };
	enum err e;

	if (!imap_metadata_valid(what, false)) {
		imap_bad(s, "Invalid entry name");
		return DONE;
	}
	if (!may_set(s, what))
		return DONE;
	g.entries = entries_of(g.arena, what);
	g.n = what->n;
	e = imap_write_at(s, &g.at, set_all, &g, &why);
	if (e == ERR_LIMIT)
		imap_no(s, "METADATA TOOMANY", "Too many entries");
	else if (e)
		imap_failed(s, ABOUT_ANY, e, &why);
	else
		imap_ok(s, NULL, NULL);
	if (!e)
		imap_notify_noted(s, what->mailbox, g.entries, g.n);
	return DONE;
}
