/* model/directory/login/login.c: see login.h. */
#include "model/directory/login/login.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/metrics.h"
#include "model/directory/login/credential.h"
#include "model/directory/login/live_login.h"
#include "model/directory/login/login_private.h"
#include "model/directory/login/login_recent.h"
#include "model/directory/login/login_slow.h"
#include "model/directory/login/rehash.h"
#include "model/directory/login/secret.h"
#include "model/directory/seen.h"
#include "model/store/store.h"
#include "network/runtime/ratelimit.h"

struct logins *logins_new(struct store *s)
{
	struct logins *l = NEW(struct logins);

	l->store = s;
	random_bytes(l->key, sizeof(l->key));
	l->verified = seen_new(LIMIT_login_places, (int64_t)LIMIT_login_cache_s * 1000);
	l->refused = seen_new(LIMIT_login_places, (int64_t)LIMIT_login_lock_s * 1000);
	l->known = seen_new(LIMIT_login_places, (int64_t)LIMIT_login_known_s * 1000);
	l->slow_known = login_slow_new();
	l->slow_strange = login_slow_new();
	l->by_network = lockout_new(LIMIT_login_failures_per_address,
	                            (int64_t)LIMIT_login_lock_s * 1000, LIMIT_login_places);
	l->by_login = lockout_new(LIMIT_login_failures_per_login,
	                          (int64_t)LIMIT_login_lock_s * 1000, LIMIT_login_places);
	blocked_init(&l->blocked);
	l->rehash = rehash_new(s);
	l->recents = recents_new(s);
	l->live = live_logins_new(s);
	return l;
}

void logins_workers(struct logins *l, unsigned workers)
{
	login_slow_workers(l->slow_known, workers);
	login_slow_workers(l->slow_strange, workers);
}

void logins_free(struct logins **l)
{
	if (*l == NULL)
		return;
	rehash_free(&(*l)->rehash);
	recents_free(&(*l)->recents);
	live_logins_free(&(*l)->live);
	seen_free(&(*l)->verified);
	seen_free(&(*l)->refused);
	seen_free(&(*l)->known);
	login_slow_free(&(*l)->slow_known);
	login_slow_free(&(*l)->slow_strange);
	lockout_free(&(*l)->by_network);
	lockout_free(&(*l)->by_login);
	blocked_deinit(&(*l)->blocked);
	mem_wipe((*l)->key, sizeof((*l)->key));
	mem_clear(l);
}

struct live_logins *logins_live(struct logins *l)
{
	return l->live;
}

void logins_unlock(struct logins *l)
{
	lockout_clear(l->by_network);
	lockout_clear(l->by_login);
	blocked_clear(&l->blocked);
}

size_t logins_blocked(struct logins *l, struct arena *a, struct blocked **out)
{
	return blocked_get(&l->blocked, a, out);
}

bool logins_unblock(struct logins *l, struct str address)
{
	struct arena a = { 0 };
	struct blocked *all;
	size_t count = blocked_get(&l->blocked, &a, &all);
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		if (!str_eqi(all[i].address, address))
			continue;
		lockout_forget(all[i].network ? l->by_network : l->by_login, all[i].key);
		blocked_remove(&l->blocked, &all[i]);
		found = true;
	}
	arena_deinit(&a);
	return found;
}

/* --- The check -------------------------------------------------------------------------- */

/* NUL and invalid UTF-8 never match (RFC 4616 2); users may not act as another user. */
static bool form_ok(const struct check *c)
{
	return c->password.n != 0 &&
	       (c->try->authzid.n == 0 || str_eqi(c->try->authzid, c->try->name));
}

/* Verifies the hash, which is slow. False when too many logins wait for that. */
static bool verify(struct check *c, bool *match)
{
	bool room = atomic_fetch_add(&c->l->waiting, 1) < LIMIT_login_waiting;

	/* An empty credential costs the same and matches nothing. */
	if (room)
		*match = password_verify(c->found.credential, c->password);
	atomic_fetch_sub(&c->l->waiting, 1);
	return room;
}

/* The reason of a refusal, for the log. */
static const char *reason(const struct check *c, bool form)
{
	if (c->found.account.id == 0)
		return "no such account";
	if (!form)
		return "malformed";
	if (!c->found.account.logins)
		return "logins of the account are off";
	if (c->found.app_password != 0 && !c->found.app_usable)
		return "app password is expired or for something else";
	if (factor_any(&c->found.factor) && c->scope != SCOPE_NONE)
		return "two-factor login is on: only app passwords";
	return "wrong password";
}

struct code_use {
	const struct check *c;
	struct why *why;
};

static enum err code_use(struct txn *t, void *arg)
{
	const struct code_use *u = arg;

	return factor_use(t, u->c->found.account.id, u->c->try->code, clock_real_ms(), u->why);
}

/* After a right password: the console also asks for the second factor, if there is one. */
static enum err second_factor(struct check *c, struct login *out, struct why *why)
{
	struct code_use u = { c, why };
	enum err e;

	if (!factor_any(&c->found.factor))
		return accepted(c, 0, out);
	if (!c->found.factor.on)
		return fail(
			why, ERR_CONFLICT,
			"the password is right, but this account has passkeys: log in with one");
	if (c->try->code.n == 0)
		return fail(why, ERR_MISSING,
		            "two-factor login is on: the code of your authenticator is needed");
	/* There are only a million codes: for a known network, slowing down alone would be too
	 * little. */
	if (network_locked(c))
		return later(c, "locked", why);
	e = store_write(c->l->store, code_use, &u, NULL);
	if (e == OK)
		return accepted(c, 0, out);
	if (e != ERR_DENIED)
		return later(c, "store failed", why);
	return refused(c, 0, "wrong code");
}

static enum err check_run(struct check *c, struct login *out, struct why *why)
{
	struct tag tag = { { 0 } };
	bool form = form_ok(c);
	bool match = false, may, app, verified;

	if (store_read(c->l->store, candidate_read, c) != OK)
		return later(c, "store failed", why);
	may = form && c->found.account.logins;
	tag = verified_tag(c);
	app = may && c->found.app_usable;
	verified = may && !app && c->found.credential.n != 0 &&
	           seen_has(c->l->verified, tag_str(&tag));
	/* A verified password does not wait if its network is known. From other networks a locked
	 * login gets the same answer for a right and a wrong password. */
	if (!((app || verified) && check_known(c)) && !check_admit(c))
		return later(c, "locked", why);
	if (app) {
		check_refresh(c, c->found.app_password);
		return accepted(c, c->found.app_password, out);
	}
	if (verified)
		return second_factor(c, out, why);
	if (seen_has(c->l->refused, tag_str(&tag)))
		return denied(c, &tag, "the same again", why);
	if (!verify(c, &match))
		return later(c, "busy", why);
	if (!match || !c->found.account.logins)
		return denied(c, &tag, reason(c, form), why);
	if (!form) { /* not remembered: the password is right and the account may log in */
		(void)refused(c, 0, "authorization identity differs from the login");
		return fail(why, ERR_DENIED, "name or password is wrong");
	}
	seen_put(c->l->verified, tag_str(&tag));
	check_refresh(c, CREDENTIAL_PASSWORD);
	return second_factor(c, out, why);
}

void check_begin(struct check *c)
{
	const struct login_try *try = c->try;

	assert(txns_open() == 0);
	arena_init(&c->secret, true);
	c->scope = login_scope_of(try->service);
	c->name = candidate_name(&c->secret, try->name);
	/* A name that is no address is counted as typed, so that it locks like an address. */
	c->login_key = mailaddr_is_null(&c->name) ? str_trim(try->name)
	                                          : mailaddr_text(&c->secret, &c->name);
	c->login_key = str_sub(c->login_key, 0, MAILADDR_PATH_MAX);
	c->network_key = addr_network_key(try->peer, c->network);
	c->known_key = known_network_key(try->peer, c->known);
	c->peer_text = addr_ip_text(try->peer, c->peer);
	c->password = STR_EMPTY;
	if (try->password.n != 0 && !credential_prepare(try->password, &c->secret, &c->password))
		c->password = STR_EMPTY;
}

void check_end(struct check *c)
{
	arena_deinit(&c->secret);
}

void check_refresh(const struct check *c, uint32_t number)
{
	struct arena a;
	struct rehash_of of = {
		.account = c->found.account.id,
		.number = number,
		.stored = c->found.credential,
		.password = c->password,
		.stale = number == CREDENTIAL_PASSWORD &&
		         password_stale(c->found.credential, password_usual()),
	};

	arena_init(&a, true);
	of.address = mailaddr_text(&a, &c->found.account.address);
	if (number != CREDENTIAL_PASSWORD)
		of.password = secret_shown(&a, c->password);
	if (of.stale || c->found.age != SALT_NEW)
		rehash_start(c->l->rehash, &of);
	arena_deinit(&a);
}

enum err login_check(struct logins *l, const struct login_try *try, struct arena *a,
                     struct login *out, struct why *why)
{
	struct check c = { .l = l, .try = try, .a = a };
	enum err e;

	check_begin(&c);
	e = check_run(&c, out, why);
	check_end(&c);
	return e;
}

/* --- Tokens, certificates, passkeys ----------------------------------------------------- */

static enum err proven_read(struct txn *t, void *arg)
{
	struct check *c = arg;
	uint32_t account = c->found.account.id;
	enum err e = row_login_moves(t, &c->found.moves);

	if (e == OK)
		e = row_account_get(t, account, &c->secret, &c->found.account);
	if (e == OK)
		e = row_password_made(t, account, &c->secret, &c->found.made_ms);
	return e != OK ? e : factor_get(t, account, &c->found.factor);
}

static enum err prove_run(struct check *c, login_proof *proof, void *arg, struct login *out,
                          struct why *why)
{
	struct login_proven proven = { 0 };
	struct why wrong = { "" };
	enum err e;

	e = proof(c->l->store, arg, &proven, &wrong);
	c->found.account.id = proven.account;
	c->found.expires_ms = proven.expires_ms;
	if (e == OK && store_read(c->l->store, proven_read, c) != OK)
		return later(c, "store failed", why);
	if (e == OK && c->found.account.logins) {
		c->login_key = mailaddr_text(&c->secret, &c->found.account.address);
		return accepted(c, proven.credential, out);
	}
	if (e != OK && e != ERR_DENIED)
		return later(c, "store failed", why);
	(void)refused(c, proven.credential, e == OK ? "logins of the account are off" : wrong.text);
	return fail(why, ERR_DENIED, "invalid login");
}

enum err login_prove(struct logins *l, const struct login_try *try, login_proof *proof, void *arg,
                     struct arena *a, struct login *out, struct why *why)
{
	struct check c = { .l = l, .try = try, .a = a };
	enum err e;

	assert(try->name.n == 0);
	check_begin(&c);
	e = prove_run(&c, proof, arg, out, why);
	check_end(&c);
	return e;
}

void login_client(struct logins *l, const struct login *login, struct str service,
                  const struct addr *peer, struct str client)
{
	char text[ADDR_TEXT_MAX];
	struct login_recent seen = { .account = login->account,
		                     .ok = true,
		                     .app_password = login->app_password,
		                     .service = service,
		                     .peer = addr_ip_text(peer, text),
		                     .client = client };

	recents_note(l->recents, &seen);
}
