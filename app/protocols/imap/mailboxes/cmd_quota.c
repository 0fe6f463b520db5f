/* protocols/imap/mailboxes/cmd_quota.c: GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208
 * 4.1).
 *
 * Each account's or group's mail is one quota root, named by the owner's address. Mail
 * added by other users counts there. The limit of mailboxes is the same for all. */
#include "formats/imap_wire/put.h"
#include "foundation/text/utf8.h"
#include "model/directory/group.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/store.h"

enum { STORAGE_UNIT = 1024 };

struct quota_call {
	struct imap *s;
	struct imap_place at; /* a mailbox, or only its owner */
	const struct imap_setquota *set;
	struct str root; /* the owner's address as stored */
	struct mail_quota quota;
};

/* --- roots ------------------------------------------------------------------------------ */

/* Administrators read and set the quotas of all accounts, or of those in their
 * domains. */
static bool administers(const struct imap *s, struct str address)
{
	const struct login *login = &s->login.login;
	ptrdiff_t at = str_rfind_byte(address, '@');

	if (login->role == ROLE_ADMIN && at >= 0)
		return role_domains_have(login->domains,
		                         str_sub(address, (size_t)at + 1, address.n));
	return login->role == ROLE_OWNER;
}

/* The place whose mail has that root. */
static struct imap_place root_place(const struct imap *s, struct str root)
{
	struct imap_place own = { .kind = PLACE_OWN }, other = { PLACE_OTHER, root, STR_EMPTY };

	return str_eqi(root, s->login.login.address) ? own : other;
}

static enum err root_name(const struct mail_txn *m, struct quota_call *g)
{
	struct arena *a = &g->s->run.arena;
	struct account account;
	struct group group;
	enum err e = account_get(m->t, m->account, a, &account);

	if (e == ERR_MISSING) {
		e = group_get(m->t, m->account, a, &group);
		g->root = e ? STR_EMPTY : group.address;
		return e;
	}
	g->root = e ? STR_EMPTY : account.address;
	return e;
}

static enum err quota_read(const struct mail_txn *m, struct quota_call *g)
{
	enum err e = root_name(m, g);

	return e ? e : mail_quota_get(m, &g->quota);
}

/* --- the QUOTA response ----------------------------------------------------------------- */

static void resource_put(struct buf *out, enum imap_resource resource, uint64_t used, uint64_t max)
{
	if (out->p[out->n - 1] != '(')
		buf_byte(out, ' ');
	buf_put(out, imap_resource_name(resource));
	buf_fmt(out, " %" PRIu64 " %" PRIu64, used, max);
}

/* Resources that are not listed have no limit (RFC 9208 4.2.1). */
static void quota_put(struct imap *s, const struct quota_call *g)
{
	const struct mail_quota *q = &g->quota;
	struct buf *out = imap_out(s);

	buf_put(out, STR("* QUOTA "));
	imap_put_astring(out, g->root);
	buf_put(out, STR(" ("));
	if (q->max_bytes)
		resource_put(out, RESOURCE_STORAGE,
		             q->used_bytes / STORAGE_UNIT + (q->used_bytes % STORAGE_UNIT != 0),
		             q->max_bytes / STORAGE_UNIT);
	if (q->max_emails)
		resource_put(out, RESOURCE_MESSAGE, q->emails, q->max_emails);
	resource_put(out, RESOURCE_MAILBOX, q->mailboxes, s->server->mailboxes->mailboxes_max);
	buf_put(out, STR(")\r\n"));
}

/* --- commands --------------------------------------------------------------------------- */

static enum err getquota(const struct mail_txn *m, void *arg)
{
	return quota_read(m, arg);
}

/* GETQUOTAROOT returns a group's root to its members, so they may use GETQUOTA. */
static enum err getquota_member(const struct mail_txn *m, void *arg)
{
	bool owner;
	enum err e = rights_owner(m, &owner);

	return e ? e : owner ? quota_read(m, arg) : ERR_DENIED;
}

/* RFC 9208 8: usage is confidential, and so is the existence of accounts. */
static enum err quota_of(struct imap *s, struct str root, struct quota_call *g)
{
	bool may = g->at.kind == PLACE_OWN || administers(s, root);
	enum err e = may ? imap_read_at(s, &g->at, getquota, g) : ERR_DENIED;

	if (e != ERR_DENIED && e != ERR_MISSING)
		return e;
	g->at = (struct imap_place){ PLACE_GROUP, root, STR_EMPTY };
	return imap_read_at(s, &g->at, may ? getquota : getquota_member, g) ? e : OK;
}

enum done imap_cmd_getquota(struct imap *s, union imap_args *args)
{
	struct quota_call g = { .s = s, .at = root_place(s, args->name) };
	enum err e = quota_of(s, args->name, &g);

	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	quota_put(s, &g);
	imap_ok(s, NULL, NULL);
	return DONE;
}

/* RFC 9208 6: usage reveals messages, so the right to read is required. The user's own
 * mailbox need not exist, but its name must be valid. */
static enum err getquotaroot(const struct mail_txn *m, void *arg)
{
	struct quota_call *g = arg;
	struct mailbox box;
	bool owner;
	enum err e = rights_owner(m, &owner);

	if (!e && !owner)
		e = mailbox_find(m, g->at.name, &box);
	else if (!e && !utf8_valid(g->at.name))
		e = ERR_MISSING;
	return e ? e : quota_read(m, g);
}

enum done imap_cmd_getquotaroot(struct imap *s, union imap_args *args)
{
	struct quota_call g = { .s = s, .at = imap_place(args->name) };
	struct buf *out = imap_out(s);
	enum err e = imap_read_at(s, &g.at, getquotaroot, &g);

	if (e) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	buf_put(out, STR("* QUOTAROOT "));
	imap_put_mailbox(out, args->name, imap_utf8(s));
	buf_byte(out, ' ');
	imap_put_astring(out, g.root);
	buf_put(out, STR("\r\n"));
	quota_put(s, &g);
	imap_ok(s, NULL, NULL);
	return DONE;
}

static struct str limits_note(struct txn *t, const struct account *a)
{
	return str_fmt(txn_arena(t), "{\"quota_bytes\":%" PRIu64 ",\"quota_emails\":%" PRIu64 "}",
	               a->quota_bytes, a->quota_emails);
}

static enum err audit(const struct mail_txn *m, const struct quota_call *g,
                      const struct account *was, const struct account *now)
{
	const struct imap_audit entry = {
		.who = g->s->login.login.address,
		.from = conn_peer_text(g->s->conn),
		.what = STR("account.change"),
		.target = was->address,
		.before = limits_note(m->t, was),
		.after = limits_note(m->t, now),
	};

	return g->s->server->audit ? g->s->server->audit(m->t, &entry) : OK;
}

/* Limits that are not listed are removed (RFC 9208 4.1.3). Internally zero means no
 * quota, so a limit of zero is stored as the least quota. */
static enum err setquota(const struct mail_txn *m, void *arg)
{
	struct quota_call *g = arg;
	const struct imap_setquota *set = g->set;
	struct account account, was;
	enum err e = account_get(m->t, m->account, txn_arena(m->t), &was);

	if (e)
		return e;
	account = was;
	account.quota_bytes = 0;
	account.quota_emails = 0;
	if (set->given[RESOURCE_STORAGE])
		account.quota_bytes = MAX(set->limit[RESOURCE_STORAGE] * STORAGE_UNIT, 1);
	if (set->given[RESOURCE_MESSAGE])
		account.quota_emails = set->limit[RESOURCE_MESSAGE];
	e = account_change(m->t, &account, txn_why(m->t));
	if (!e)
		e = audit(m, g, &was, &account);
	return e ? e : quota_read(m, g);
}

/* NULL: they can be set. */
static const char *cannot_set(const struct imap_setquota *set)
{
	if (set->unknown || set->given[RESOURCE_MAILBOX])
		return "Limits can be set for STORAGE and MESSAGE";
	if (set->given[RESOURCE_MESSAGE] && set->limit[RESOURCE_MESSAGE] == 0)
		return "The MESSAGE limit must be 1 or more";
	if (set->limit[RESOURCE_STORAGE] > INT64_MAX / STORAGE_UNIT)
		return "The STORAGE limit is too large";
	return NULL;
}

enum done imap_cmd_setquota(struct imap *s, union imap_args *args)
{
	const struct imap_setquota *set = &args->setquota;
	struct quota_call g = { .s = s, .at = root_place(s, set->root), .set = set };
	struct why why = { "" };
	enum err e = ERR_DENIED;

	if (administers(s, set->root)) {
		if (cannot_set(set)) {
			imap_no(s, "CANNOT", cannot_set(set));
			return DONE;
		}
		e = imap_write_at(s, &g.at, setquota, &g, &why);
	}
	if (e) {
		imap_failed(s, ABOUT_ANY, e, &why);
		return DONE;
	}
	quota_put(s, &g);
	imap_ok(s, NULL, NULL);
	return DONE;
}
