/* directory/login_scram.c: logins whose password is proven, not sent; see login.h. */
#include "directory/login_private.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config/limits.h"
#include "directory/credential.h"
#include "directory/normal.h"
#include "observe/metrics.h"
#include "store/store.h"

#include <string.h>

/* --- Is it offered? ---------------------------------------------------------------------- */

/* A client that sees SCRAM takes it, and many try nothing else when it fails. So it is offered
 * once every password here can be proven; one that cannot gets there by being sent. */
static enum err look(struct txn *t, void *arg)
{
	bool *whole = arg;
	struct kv_iter it;
	struct credential_row row;
	struct account_row account;
	struct arena a;
	enum err e = OK;
	enum err walked;

	*whole = true;
	arena_init(&a, true);
	kv_iter_prefix(&it, t, SPACE_CREDENTIAL, STR_EMPTY);
	while (e == OK && *whole && kv_iter_next(&it)) {
		e = row_credential_read(&it, &a, &row);
		if (e == OK)
			e = row_account_get(t, row.account, &a, &account);
		if (e == OK)
			*whole = credential_scram_whole(row.scram,
			                                mailaddr_text(&a, &account.address));
		arena_reset(&a); /* many accounts take no more memory than one */
	}
	arena_deinit(&a);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

bool logins_scram(struct logins *l)
{
	int64_t now_ms = clock_mono_ms();
	int64_t due_ms = atomic_load(&l->scram_due_ms);
	bool whole;

	/* One thread looks; the others go by what was seen. */
	if (now_ms >= due_ms &&
	    atomic_compare_exchange_strong(&l->scram_due_ms, &due_ms, now_ms + SCRAM_LOOK_MS)) {
		if (store_read(l->store, look, &whole) == OK)
			atomic_store(&l->scram, whole);
	}
	return atomic_load(&l->scram);
}

/* --- The salt ------------------------------------------------------------------------------ */

struct naming {
	struct mailaddr name;
	struct arena *a;
};

static enum err complete(struct txn *t, void *arg)
{
	struct naming *n = arg;

	return candidate_complete(t, &n->name, n->a);
}

void login_salt(struct logins *l, struct str name, enum scram_hash h, uint8_t out[SCRAM_SALT_BYTES],
                uint32_t *iterations)
{
	struct arena a;
	struct naming n = { .a = &a };

	arena_init(&a, true);
	n.name = candidate_name(&a, name);
	/* When the store cannot be read, the login fails later. */
	if (!mailaddr_is_null(&n.name))
		(void)!store_read(l->store, complete, &n);
	scram_salt(h, mailaddr_is_null(&n.name) ? str_trim(name) : mailaddr_text(&a, &n.name), out);
	*iterations = SCRAM_ITERATIONS;
	arena_deinit(&a);
}

/* --- The proof ----------------------------------------------------------------------------- */

struct attempt {
	struct check check;
	const struct login_scram *scram; /* or cram */
	const struct login_cram *cram;
	struct scram_keys keys; /* of the password that was proven */
	uint32_t number;
	bool proven, usable;
};

/* May this password open the service now? As credentials_read has it for those that are sent. */
static bool usable(const struct check *c, const struct credential_row *row, int64_t now_ms)
{
	if (row->number == CREDENTIAL_PASSWORD)
		return !factor_any(&c->found.factor) || c->scope == SCOPE_NONE;
	return (row->scopes & c->scope) != 0 && (row->expires_ms == 0 || now_ms < row->expires_ms);
}

/* Is it the password with these words that was proven? */
static bool proves(const struct attempt *p, struct str words, struct str name,
                   struct scram_keys *keys)
{
	const struct login_scram *s = p->scram;
	struct cram_keys cram;
	bool good;

	if (s != NULL)
		return credential_keys(words, s->hash, name, keys) &&
		       scram_proof_check(s->hash, keys->stored, s->auth_message, s->proof);
	good = credential_cram(words, &cram) &&
	       cram_check(&cram, p->cram->challenge, p->cram->digest);
	mem_wipe(&cram, sizeof cram);
	return good;
}

/* Nobody's password costs as much as somebody's; the answer is no, whatever it is. */
static void nobody_check(const struct attempt *p)
{
	struct scram_keys none = { { 0 }, { 0 } };
	struct cram_keys no_cram = { { 0 }, { 0 } };

	if (p->scram != NULL)
		(void)scram_proof_check(p->scram->hash, none.stored, p->scram->auth_message,
		                        p->scram->proof);
	else
		(void)cram_check(&no_cram, p->cram->challenge, p->cram->digest);
}

/* Which of the account's passwords? All are tried, whichever it is. */
static enum err passwords_try(struct txn *t, struct attempt *p)
{
	struct check *c = &p->check;
	struct str name = mailaddr_text(&c->secret, &c->name);
	int64_t now_ms = clock_real_ms();
	struct kv_iter it;
	struct scram_keys keys = { { 0 }, { 0 } };
	struct credential_row row;
	enum err e = OK;
	enum err walked;

	row_credential_iter(&it, t, c->found.account.id);
	while (e == OK && kv_iter_next(&it)) {
		e = row_credential_read(&it, &c->secret, &row);
		if (e != OK || !proves(p, row.scram, name, &keys))
			continue;
		p->proven = true;
		p->keys = keys;
		p->number = row.number;
		p->usable = usable(c, &row, now_ms);
		c->found.made_ms = row.created_ms;
		c->found.expires_ms = row.expires_ms;
		if (row.number != CREDENTIAL_PASSWORD) {
			c->found.app_password = row.number;
			c->found.app_usable = p->usable;
		}
	}
	mem_wipe(&keys, sizeof keys);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err read_all(struct txn *t, void *arg)
{
	struct attempt *p = arg;
	struct check *c = &p->check;
	enum err e;

	p->proven = false;
	e = candidate_account(t, c);
	if (e == OK && c->found.account.id != 0)
		return passwords_try(t, p);
	nobody_check(p);
	return e == ERR_MISSING ? OK : e;
}

static const char *reason(const struct attempt *p)
{
	const struct check *c = &p->check;

	if (c->found.account.id == 0)
		return "no such account";
	if (!c->found.account.logins)
		return "logins of the account are off";
	if (!p->proven)
		return "wrong password";
	if (c->found.app_password != 0 && !p->usable)
		return "app password is expired or for something else";
	return p->usable ? "acting as somebody else" : "two-factor login is on: only app passwords";
}

static enum err run(struct attempt *p, struct login *out, struct why *why)
{
	struct check *c = &p->check;
	const struct login_try *try = c->try;

	if (!check_admit(c))
		return later(c, "locked", why);
	if (store_read(c->l->store, read_all, p) != OK)
		return later(c, "store failed", why);
	if (p->proven && p->usable && c->found.account.logins &&
	    (try->authzid.n == 0 || str_eqi(try->authzid, try->name)))
		return accepted(c, p->number, out);
	(void)refused(c, c->found.app_password, reason(p));
	return fail(why, ERR_DENIED, "name or password is wrong");
}

enum err login_scram(struct logins *l, const struct login_try *try, const struct login_scram *scram,
                     struct arena *a, struct login *out, uint8_t server_key[SCRAM_BYTES_MAX],
                     struct why *why)
{
	struct attempt p = { .check = { .l = l, .try = try, .a = a }, .scram = scram };
	enum err e;

	check_begin(&p.check);
	e = run(&p, out, why);
	if (e == OK)
		memcpy(server_key, p.keys.server, scram_bytes(scram->hash));
	mem_wipe(&p.keys, sizeof p.keys);
	check_end(&p.check);
	return e;
}

/* --- CRAM-MD5 ------------------------------------------------------------------------------ */

void logins_cram_set(struct logins *l, bool on)
{
	atomic_store(&l->cram, on);
}

bool logins_cram(const struct logins *l)
{
	return atomic_load(&l->cram);
}

enum err login_cram(struct logins *l, const struct login_try *try, const struct login_cram *cram,
                    struct arena *a, struct login *out, struct why *why)
{
	struct attempt p = { .check = { .l = l, .try = try, .a = a }, .cram = cram };
	enum err e;

	check_begin(&p.check);
	e = run(&p, out, why);
	check_end(&p.check);
	return e;
}
