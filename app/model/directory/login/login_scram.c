/* model/directory/login/login_scram.c: logins by SCRAM and CRAM-MD5, which do not send the
 * password; see login.h. */
#include "model/directory/login/login_private.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/observe/metrics.h"
#include "model/directory/login/credential.h"
#include "model/directory/normal.h"
#include "model/store/store.h"

#include <string.h>

/* --- Is it offered? ---------------------------------------------------------------------- */

struct look {
	bool whole;              /* every password can be proven */
	uint64_t accounts, olds; /* those with old salts         */
	uint32_t last, last_old; /* the accounts counted last    */
};

static void scram_account_check(struct look *k, uint32_t account, enum salt_age age)
{
	k->whole = k->whole && age != SALT_NONE;
	k->accounts += account != k->last;
	k->last = account;
	if (age != SALT_OLD || account == k->last_old)
		return;
	k->olds++;
	k->last_old = account;
}

/* Clients prefer SCRAM when it is offered, and many try nothing else when it fails. So it is
 * offered once every password has SCRAM keys. A password without keys gets them at a login that
 * sends it. */
static enum err scram_check(struct txn *t, void *arg)
{
	struct look *k = arg;
	uint8_t key[SCRAM_SALT_KEY];
	struct kv_iter it;
	struct credential_row row;
	struct account_row account;
	struct arena a;
	enum err e = salt_key_get(t, key);
	enum err walked;

	if (e != OK)
		return e;
	*k = (struct look){ .whole = true };
	arena_init(&a, true);
	kv_iter_prefix(&it, t, SPACE_CREDENTIAL, STR_EMPTY);
	while (e == OK && k->whole && kv_iter_next(&it)) {
		e = row_credential_read(&it, &a, &row);
		if (e == OK)
			e = row_account_get(t, row.account, &a, &account);
		if (e == OK)
			scram_account_check(k, row.account,
			        salt_age(&row, key, mailaddr_text(&a, &account.address)));
		arena_reset(&a); /* so memory does not grow with the accounts */
	}
	arena_deinit(&a);
	mem_wipe(key, sizeof key);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* In percent, rounded up, so that it is 0 only when there are none. */
static int share(uint64_t olds, uint64_t accounts)
{
	return olds == 0 ? 0 : (int)((256 * olds + accounts - 1) / accounts);
}

bool logins_scram(struct logins *l)
{
	int64_t now_ms = clock_mono_ms();
	int64_t due_ms = atomic_load(&l->scram_due_ms);
	struct look seen;

	/* One thread checks again; the others use the last result. */
	if (now_ms >= due_ms &&
	    atomic_compare_exchange_strong(&l->scram_due_ms, &due_ms, now_ms + SCRAM_LOOK_MS)) {
		if (store_read(l->store, scram_check, &seen) == OK) {
			atomic_store(&l->scram, seen.whole);
			atomic_store(&l->old, share(seen.olds, seen.accounts));
		}
	}
	return atomic_load(&l->scram);
}

/* --- The salt ------------------------------------------------------------------------------ */

struct naming {
	struct mailaddr name;
	struct str text; /* the address, or the name as typed */
	struct salts salts;
	int share;
	struct arena *a;
};

/* Does an unknown name get the old salts? As large a share of the unknown names as of the
 * accounts. */
static bool fake_old(const struct naming *n)
{
	uint8_t hash[HASH_BYTES];

	hash_hmac_sha256(str_from((const char *)n->salts.key, SCRAM_SALT_KEY), n->text, hash);
	return hash[0] < n->share;
}

static enum err name_read(struct txn *t, void *arg)
{
	struct naming *n = arg;
	struct route_row route = { 0 };
	enum err e = salt_key_get(t, n->salts.key);

	if (e == OK && !mailaddr_is_null(&n->name)) {
		e = candidate_complete(t, &n->name, n->a);
		n->text = mailaddr_text(n->a, &n->name);
	}
	if (e != OK || n->share == 0)
		return e;
	if (!mailaddr_is_null(&n->name))
		e = row_route_get(t, &n->name, n->a, &route);
	if (e == OK && route.account != 0)
		return salts_of_account(t, route.account, &n->salts);
	n->salts.old = fake_old(n);
	return e == ERR_MISSING ? OK : e;
}

void login_salt(struct logins *l, struct str name, enum scram_hash h, uint8_t out[SCRAM_SALT_BYTES],
                uint32_t *iterations)
{
	struct arena a;
	struct naming n = { .a = &a, .share = atomic_load(&l->old), .text = str_trim(name) };

	arena_init(&a, true);
	n.name = candidate_name(&a, name);
	/* When the store cannot be read, the login fails later. */
	(void)!store_read(l->store, name_read, &n);
	scram_salt(n.salts.old ? NULL : n.salts.key, h, n.text, out);
	*iterations = SCRAM_ITERATIONS;
	mem_wipe(&n.salts, sizeof n.salts);
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

/* Is this password valid for the service now? The same rules as in credentials_read. */
static bool usable(const struct check *c, const struct credential_row *row, int64_t now_ms)
{
	if (row->number == CREDENTIAL_PASSWORD)
		return !factor_any(&c->found.factor) || c->scope == SCOPE_NONE;
	return (row->scopes & c->scope) != 0 && (row->expires_ms == 0 || now_ms < row->expires_ms);
}

/* Does the proof fit the password with these words? Words without keys for the mechanism take as
 * long as a wrong password. */
static bool proves(const struct attempt *p, struct str words, struct scram_keys *keys)
{
	const struct login_scram *s = p->scram;
	struct cram_keys cram = { { 0 }, { 0 } };
	bool have, good;

	if (s != NULL) {
		*keys = (struct scram_keys){ { 0 }, { 0 } };
		have = credential_keys(words, s->hash, s->salt, keys);
		good = scram_proof_check(s->hash, keys->stored, s->auth_message, s->proof);
	} else {
		have = credential_cram(words, &cram);
		good = cram_check(&cram, p->cram->challenge, p->cram->digest);
		mem_wipe(&cram, sizeof cram);
	}
	return good && have;
}

/* For an unknown name: takes as long as the check for an account. */
static void nobody_check(const struct attempt *p)
{
	struct scram_keys keys;

	(void)proves(p, STR_EMPTY, &keys);
}

/* Finds the password of the proof. All are tried, so that the time does not depend on which one it
 * is. */
static enum err passwords_try(struct txn *t, struct attempt *p)
{
	struct check *c = &p->check;
	int64_t now_ms = clock_real_ms();
	struct kv_iter it;
	struct scram_keys keys = { { 0 }, { 0 } };
	struct credential_row row;
	bool any = false;
	enum err e = OK;
	enum err walked;

	row_credential_iter(&it, t, c->found.account.id);
	while (e == OK && kv_iter_next(&it)) {
		any = true;
		e = row_credential_read(&it, &c->secret, &row);
		if (e != OK || !proves(p, row.scram, &keys))
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
	if (!any)
		nobody_check(p);
	mem_wipe(&keys, sizeof keys);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err scram_read_all(struct txn *t, void *arg)
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
	if (!p->proven && p->scram != NULL && p->scram->hash == SCRAM_SHA_1)
		return "wrong password, or no app password: SCRAM-SHA-1 takes no other";
	if (!p->proven)
		return "wrong password";
	if (c->found.app_password != 0 && !p->usable)
		return "app password is expired or for something else";
	return p->usable ? "authorization identity differs from the login"
	                 : "two-factor login is on: only app passwords";
}

static enum err scram_run(struct attempt *p, struct login *out, struct why *why)
{
	struct check *c = &p->check;
	const struct login_try *try = c->try;

	if (!check_admit(c))
		return later(c, "locked", why);
	if (store_read(c->l->store, scram_read_all, p) != OK)
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
	e = scram_run(&p, out, why);
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
	e = scram_run(&p, out, why);
	check_end(&p.check);
	return e;
}
