/* console/api/access/fsck.c: see audit.h. */
#include "console/api/access/audit.h"

#include "console/api/access/session.h"
#include "console/api/access/token.h"
#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/store/kv.h"

struct walk {
	struct txn *t;
	struct fsck_report *r;
	struct arena a;   /* reset between rows                   */
	uint64_t last_id; /* of the audit trail; 0: none yet      */
	uint64_t entries;
};

/* A session or token belongs to an account, or whoever gets its number next would have it. */
static enum err account_exists(struct walk *w, uint32_t account, const char *what)
{
	struct account row;
	enum err e = account_get(w->t, account, &w->a, &row);

	if (e != ERR_MISSING)
		return e;
	fsck_found(w->r, "a %s is of account %" PRIu32 ", which does not exist", what, account);
	return OK;
}

static enum err session_check(struct walk *w, const struct kv_iter *it)
{
	struct session s;
	uint32_t account;

	if (!session_read(it, &account, &s))
		return ERR_CORRUPT;
	if (s.used_ms < s.created_ms)
		fsck_found(w->r, "a session of account %" PRIu32 " was used before it was made",
		           account);
	return account_exists(w, account, "session");
}

static enum err token_check(struct walk *w, const struct kv_iter *it)
{
	struct token token;
	uint32_t account;

	if (!token_read(it, &account, &token))
		return ERR_CORRUPT;
	if (token.scopes == 0 || token.scopes >> API_SCOPES != 0 ||
	    token.scopes & BIT(API_SCOPE_NONE))
		fsck_found(w->r, "a token of account %" PRIu32 " has scopes that do not exist",
		           account);
	return account_exists(w, account, "token");
}

/* Ids are given one after the other, so one that is left out was taken away. */
static enum err audit_check(struct walk *w, const struct kv_iter *it)
{
	struct audit entry;

	if (!audit_read(it, &entry))
		return ERR_CORRUPT;
	if (w->last_id != 0 && entry.id != w->last_id + 1)
		fsck_found(w->r, "the audit trail goes on with %" PRIu64 " after %" PRIu64,
		           entry.id, w->last_id);
	if (entry.what.n == 0 || entry.who.n == 0)
		fsck_found(w->r, "entry %" PRIu64 " of the audit trail does not say who did what",
		           entry.id);
	w->last_id = entry.id;
	if (++w->entries == LIMIT_audit_kept + 1)
		fsck_found(w->r, "the audit trail is longer than %d", LIMIT_audit_kept);
	return OK;
}

static const struct {
	enum space space;
	enum err (*row)(struct walk *w, const struct kv_iter *it);
} checks[] = {
	{ SPACE_SESSION, session_check },
	{ SPACE_TOKEN, token_check },
	{ SPACE_AUDIT, audit_check },
};

static enum err space_check(struct walk *w, size_t i)
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, w->t, checks[i].space, STR_EMPTY);
	while (e == OK && kv_iter_next(&it)) {
		e = checks[i].row(w, &it);
		if (e == ERR_CORRUPT) {
			fsck_found(w->r, "a row of %s cannot be read", space_name(checks[i].space));
			e = OK;
		}
		arena_reset(&w->a);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err run(struct txn *t, struct fsck_report *r)
{
	struct walk w = { .t = t, .r = r };
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(checks); i++)
		e = space_check(&w, i);
	arena_deinit(&w.a);
	return e;
}

const struct fsck_check admin_fsck = { .name = "admin", .run = run };
