/* protocols/imap/mailboxes/cmd_acl.c: SETACL, DELETEACL, GETACL, LISTRIGHTS and MYRIGHTS
 * (RFC 4314 3).
 *
 * An identifier is the address of an account or a group, or "anyone"; without "@" it is
 * in the user's domain. The list stores ids; responses have their current addresses. */
#include "formats/imap_wire/put.h"
#include "formats/imap_wire/rights.h"
#include "foundation/text/opaque.h"
#include "model/directory/group.h"
#include "model/mailbox/acl.h"
#include "model/mailbox/mailbox.h"
#include "model/store/store.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/mailboxes/rights.h"
#include "protocols/imap/store.h"

#define ANYONE STR("anyone")

struct acl_call {
	struct imap *s;
	struct imap_place at;
	struct imap_identifier identifier;
	enum imap_rights_op op;
	unsigned rights; /* to set, or the result */
	bool unknown;    /* the identifier does not exist */
	unsigned always, never; /* rights that the identifier always has, or can never have */
	struct acl acl;
	struct str *names; /* of acl's entries; empty: deleted */
	struct str owner_name;
};

/* --- identifiers ------------------------------------------------------------------------ */

static struct str full_address(const struct imap *s, struct arena *a, struct str name)
{
	struct str own = s->login.login.address;
	ptrdiff_t at = str_rfind_byte(own, '@');

	if (at < 0 || str_find_byte(name, '@') >= 0)
		return name;
	return str_fmt(a, "%.*s%.*s", STR_ARG(name), STR_ARG(str_sub(own, (size_t)at, own.n)));
}

static enum err who_find(struct acl_call *g, const struct mail_txn *m, uint32_t *who)
{
	struct arena *a = txn_arena(m->t);
	struct str address = full_address(g->s, a, g->identifier.name);
	struct account account;
	struct group group;
	enum err e;

	*who = ACL_ANYONE;
	if (str_eqi(g->identifier.name, ANYONE))
		return OK;
	e = account_find(m->t, address, a, &account);
	if (e != ERR_MISSING && e != ERR_SYNTAX) {
		*who = e ? 0 : account.id;
		return e;
	}
	e = group_find(m->t, address, a, &group);
	g->unknown = e == ERR_MISSING || e == ERR_SYNTAX;
	*who = e ? 0 : group.id;
	return g->unknown ? fail(txn_why(m->t), ERR_SYNTAX, "no such account") : e;
}

/* The address of an id; empty if it is deleted. */
static enum err who_name(const struct mail_txn *m, uint32_t who, struct arena *a, struct str *out)
{
	struct account account;
	struct group group;
	enum err e;

	*out = ANYONE;
	if (who == ACL_ANYONE)
		return OK;
	e = account_get(m->t, who, a, &account);
	*out = e ? STR_EMPTY : account.address;
	if (e != ERR_MISSING)
		return e;
	e = group_get(m->t, who, a, &group);
	*out = e ? STR_EMPTY : group.address;
	return e == ERR_MISSING ? OK : e;
}

/* --- changes ---------------------------------------------------------------------------- */

static enum err acl_set(const struct mail_txn *m, void *arg)
{
	static const enum acl_op ops[] = {
		[RIGHTS_REPLACE] = ACL_REPLACE,
		[RIGHTS_ADD] = ACL_ADD,
		[RIGHTS_REMOVE] = ACL_REMOVE,
	};
	struct acl_call *g = arg;
	struct acl_change what = { .negative = g->identifier.negative, .op = ops[g->op] };
	struct mailbox box;
	enum err e = mailbox_find_for(m, g->at.name, RIGHT_ADMINISTER, &box);

	if (e || (e = who_find(g, m, &what.who)))
		return e;
	what.mailbox = box.id;
	what.rights = g->rights;
	return acl_change(m, &what);
}

/* Resolve the identifier of the command; false: s->reply is set. */
static bool identifier(struct imap *s, struct acl_call *g, struct str text)
{
	struct buf form;
	bool ok;

	/* Normalized (RFC 4314 3; RFC 8265 replaces SASLprep). */
	buf_init(&form, OPAQUE_GROWTH * text.n + 1);
	ok = imap_identifier_parse(text, &g->identifier) && opaque_put(&form, g->identifier.name);
	if (ok)
		g->identifier.name = str_dup(&s->run.arena, buf_str(&form));
	buf_deinit(&form);
	if (ok)
		return true;
	imap_bad(s, "Invalid identifier");
	return false;
}

static void acl_write(struct imap *s, struct acl_call *g)
{
	struct why why = { "" };
	enum err e = imap_write_at(s, &g->at, acl_set, g, &why);

	if (e)
		imap_failed(s, ABOUT_ANY, e, &why);
	else
		imap_ok(s, NULL, NULL);
}

enum done imap_cmd_setacl(struct imap *s, union imap_args *args)
{
	struct acl_call g = { .s = s, .at = imap_place(args->acl.name) };

	if (!identifier(s, &g, args->acl.identifier))
		return DONE;
	if (!imap_rights_parse(args->acl.rights, &g.op, &g.rights))
		imap_bad(s, "Unknown right"); /* RFC 4314 3.1 */
	else
		acl_write(s, &g);
	return DONE;
}

enum done imap_cmd_deleteacl(struct imap *s, union imap_args *args)
{
	struct acl_call g = { .s = s, .at = imap_place(args->acl.name), .op = RIGHTS_REPLACE };

	if (identifier(s, &g, args->acl.identifier))
		acl_write(s, &g);
	return DONE;
}

/* --- responses -------------------------------------------------------------------------- */

static void response(struct imap *s, const char *name, struct str mailbox)
{
	struct buf *out = imap_out(s);

	buf_put(out, STR("* "));
	buf_put(out, str_of(name));
	buf_byte(out, ' ');
	imap_put_mailbox(out, mailbox, imap_utf8(s));
}

static enum err acl_read(const struct mail_txn *m, void *arg)
{
	struct acl_call *g = arg;
	struct arena *a = &g->s->run.arena;
	struct mailbox box;
	enum err e = mailbox_find_for(m, g->at.name, RIGHT_ADMINISTER, &box);

	if (e || (e = acl_get(m, box.id, a, &g->acl)) ||
	    (e = who_name(m, m->account, a, &g->owner_name)))
		return e;
	g->names = arena_array(a, struct str, g->acl.n);
	for (size_t i = 0; i < g->acl.n && !e; i++)
		e = who_name(m, g->acl.entries[i].who, a, &g->names[i]);
	return e;
}

static void pair_put(struct buf *out, struct arena *a, const char *sign, struct str name,
                     unsigned rights)
{
	if (!rights)
		return;
	buf_byte(out, ' ');
	imap_put_astring(out, str_fmt(a, "%s%.*s", sign, STR_ARG(name)));
	buf_byte(out, ' ');
	imap_rights_put(out, rights);
}

enum done imap_cmd_getacl(struct imap *s, union imap_args *args)
{
	struct acl_call g = { .s = s, .at = imap_place(args->name) };
	struct arena *a = &s->run.arena;
	struct buf *out = imap_out(s);
	enum err e = imap_read_at(s, &g.at, acl_read, &g);

	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	response(s, "ACL", args->name);
	pair_put(out, a, "", g.owner_name, RIGHTS_ALL);
	for (size_t i = 0; i < g.acl.n; i++) {
		if (!g.names[i].n)
			continue;
		pair_put(out, a, "", g.names[i], g.acl.entries[i].granted);
		pair_put(out, a, "-", g.names[i], g.acl.entries[i].denied);
	}
	buf_put(out, STR("\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

static enum err listrights(const struct mail_txn *m, void *arg)
{
	struct acl_call *g = arg;
	struct mail_txn of = *m;
	struct mailbox box;
	uint32_t who;
	enum err e = mailbox_find_for(m, g->at.name, RIGHT_ADMINISTER, &box);

	if (e || (e = who_find(g, m, &who)))
		return e;
	of.who = who;
	if (who != ACL_ANYONE)
		e = rights_always(&of, &g->always);
	if (!g->identifier.negative)
		return e;
	g->never = g->always; /* cannot be denied (rights.h) */
	g->always = 0;
	return e;
}

/* RFC 4314 3.7: each right can be granted or denied separately, except those that are
 * always there. "c" and "d" are listed with any right they stand for (2.1.1), each right
 * once. */
static void optional_put(struct buf *out, unsigned optional)
{
	struct buf letters;

	buf_init(&letters, 32);
	imap_rights_put(&letters, optional);
	for (size_t i = 0; optional && i < letters.n; i++) {
		buf_byte(out, ' ');
		buf_byte(out, letters.p[i]);
	}
	buf_deinit(&letters);
}

enum done imap_cmd_listrights(struct imap *s, union imap_args *args)
{
	struct acl_call g = { .s = s, .at = imap_place(args->acl.name) };
	struct buf *out = imap_out(s);
	enum err e;

	if (!identifier(s, &g, args->acl.identifier))
		return DONE;
	e = imap_read_at(s, &g.at, listrights, &g);
	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		if (g.unknown)
			imap_no(s, "CANNOT", "No such account");
		return DONE;
	}
	response(s, "LISTRIGHTS", args->acl.name);
	buf_byte(out, ' ');
	imap_put_astring(out, args->acl.identifier);
	buf_put(out, STR(" "));
	imap_rights_put(out, g.always);
	optional_put(out, RIGHTS_ALL & ~(g.always | g.never));
	buf_put(out, STR("\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

static enum err myrights(const struct mail_txn *m, void *arg)
{
	struct acl_call *g = arg;
	struct mailbox box;
	enum err e = mailbox_find_for(m, g->at.name, 0, &box);

	if (e || (e = rights_get(m, box.id, &g->rights)) || (g->rights & RIGHTS_MYRIGHTS))
		return e;
	return ERR_MISSING;
}

void imap_myrights_put(struct imap *s, struct str name, unsigned rights)
{
	response(s, "MYRIGHTS", name);
	buf_byte(imap_out(s), ' ');
	imap_rights_put(imap_out(s), rights);
	buf_put(imap_out(s), STR("\r\n"));
}

enum done imap_cmd_myrights(struct imap *s, union imap_args *args)
{
	struct acl_call g = { .s = s, .at = imap_place(args->name) };
	enum err e = imap_read_at(s, &g.at, myrights, &g);

	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	imap_myrights_put(s, args->name, g.rights);
	imap_ok(s, NULL, NULL);
	return DONE;
}
