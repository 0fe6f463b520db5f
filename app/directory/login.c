/* directory/login.c: see login.h. */
#include "directory/login.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/pack.h"
#include "base/random.h"
#include "config/limits.h"
#include "crypto/hash.h"
#include "crypto/password.h"
#include "directory/app_password.h"
#include "directory/blocked.h"
#include "directory/factor.h"
#include "directory/live_login.h"
#include "directory/login_recent.h"
#include "directory/normal.h"
#include "directory/rehash.h"
#include "directory/row.h"
#include "directory/seen.h"
#include "net/addr.h"
#include "net/ratelimit.h"
#include "observe/event.h"
#include "observe/metrics.h"
#include "store/store.h"
#include "text/utf8.h"

#include <stdatomic.h>

struct logins {
	struct store *store;
	uint8_t key[HASH_BYTES]; /* of this process; no tag means anything elsewhere */
	struct seen *verified;   /* tags of login, password and credential           */
	struct seen *refused;    /* the same, wrong                                  */
	struct seen *known;      /* tags of login and network                        */
	struct lockout *by_network;
	struct lockout *by_login;
	struct blocked_list blocked; /* what they lock at the moment */
	struct rehash *rehash;
	struct recents *recents;
	struct live_logins *live;
	_Atomic int waiting; /* threads in password_verify */
};

struct tag {
	uint8_t bytes[HASH_BYTES];
};

/* What the store says about a name. account 0: nobody who may log in. */
struct candidate {
	struct account_row account;
	struct str credential; /* the password that opens this service; empty: none */
	uint32_t app_password; /* the one that was typed; 0: none                   */
	bool app_usable;       /* and it opens this service, now                    */
	struct factor factor;  /* the account's second factors                      */
	int64_t made_ms;       /* the credential, or the app password               */
	int64_t expires_ms;    /* of the app password                               */
	uint64_t moves;
};

/* One run of login_check. */
struct check {
	struct logins *l;
	const struct login_try *try;
	struct arena *a;      /* the caller's: results                      */
	struct arena secret;  /* everything else; wiped                     */
	struct mailaddr name; /* folded; null when try's name is no address */
	enum login_scope scope;
	struct candidate found;
	char network[ADDR_NETWORK_KEY_MAX];
	char peer[ADDR_TEXT_MAX];
	struct str network_key, login_key, peer_text;
};

struct logins *logins_new(struct store *s)
{
	struct logins *l = NEW(struct logins);

	l->store = s;
	random_bytes(l->key, sizeof(l->key));
	l->verified = seen_new(LIMIT_login_places, (int64_t)LIMIT_login_cache_s * 1000);
	l->refused = seen_new(LIMIT_login_places, (int64_t)LIMIT_login_lock_s * 1000);
	l->known = seen_new(LIMIT_login_places, (int64_t)LIMIT_login_known_s * 1000);
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

/* --- Who that would be ------------------------------------------------------------------ */

/* A name without "@": the only domain we have. */
static enum err domain_complete(struct txn *t, struct mailaddr *name, struct arena *a)
{
	struct kv_iter it;
	unsigned domains = 0;

	kv_iter_prefix(&it, t, SPACE_DOMAIN, STR_EMPTY);
	while (domains < 2 && kv_iter_next(&it)) {
		name->domain = str_dup(a, it.key);
		domains++;
	}
	if (domains != 1)
		name->domain = STR_EMPTY;
	return kv_iter_end(&it);
}

/* What may open the service for this account. Its own password, when there is two-factor login,
 * opens the console only. What does not open it now is left out, so that what is remembered of a
 * refusal ends with its cause. */
static enum err credentials_read(struct txn *t, struct check *c)
{
	uint32_t account = c->found.account.id;
	struct credential_row row;
	enum err e = factor_get(t, account, &c->found.factor);

	if (e == OK)
		e = app_password_match(t, account, c->try->password, c->scope, clock_real_ms(),
		                       &c->found.app_password, &c->found.app_usable);
	if (e != OK)
		return e;
	if (c->found.app_usable) {
		e = row_credential_get(t, account, c->found.app_password, &c->secret, &row);
		c->found.made_ms = row.created_ms;
		c->found.expires_ms = row.expires_ms;
		return e;
	}
	if (!c->found.account.enabled || (factor_any(&c->found.factor) && c->scope != SCOPE_NONE))
		return OK;
	e = row_credential_get(t, account, CREDENTIAL_PASSWORD, &c->secret, &row);
	if (e == OK) {
		c->found.credential = row.text;
		c->found.made_ms = row.created_ms;
	}
	return e;
}

static enum err candidate_read(struct txn *t, void *arg)
{
	struct check *c = arg;
	struct mailaddr name = c->name;
	struct route_row route;
	enum err e;

	c->found = (struct candidate){ 0 };
	e = row_login_moves(t, &c->found.moves);
	if (e == OK && name.local.n != 0 && name.domain.n == 0)
		e = domain_complete(t, &name, &c->secret);
	if (e != OK || name.domain.n == 0)
		return e;
	e = row_route_get(t, &name, &c->secret, &route);
	if (e != OK || route.account == 0) /* an alias does not log in */
		return e == ERR_MISSING ? OK : e;
	e = row_account_get(t, route.account, &c->secret, &c->found.account);
	if (e == OK)
		e = credentials_read(t, c);
	return e == ERR_MISSING ? OK : e;
}

/* "user@domain", or "user" alone; null when it is neither. */
static struct mailaddr name_parse(struct arena *a, struct str text)
{
	struct mailaddr name = { 0 };

	if (normal_address(a, text, &name))
		return normal_fold(a, name);
	text = str_trim(text);
	if (text.n == 0 || text.n > MAILADDR_LOCAL_MAX || str_find_byte(text, '@') >= 0 ||
	    !utf8_valid(text))
		return (struct mailaddr){ 0 };
	name.local = text;
	name.domain = STR_EMPTY;
	return normal_fold(a, name);
}

/* --- Tags ------------------------------------------------------------------------------- */

static struct tag tag_of(const struct check *c, const struct str *fields, size_t count)
{
	struct buf b;
	struct tag tag = { { 0 } };
	size_t n = 0;

	/* One piece of memory from the start, so that growing leaves no copy behind. */
	for (size_t i = 0; i < count; i++)
		n += fields[i].n + 10;
	buf_init(&b, n);
	(void)buf_room(&b, n);
	for (size_t i = 0; i < count; i++)
		pack_str(&b, fields[i]);
	assert(buf_ok(&b));
	hash_hmac_sha256(str_from((const char *)c->l->key, sizeof(c->l->key)), buf_str(&b),
	                 tag.bytes);
	mem_wipe(b.p, b.n);
	buf_deinit(&b);
	return tag;
}

static struct str tag_str(const struct tag *tag)
{
	return str_from((const char *)tag->bytes, sizeof(tag->bytes));
}

static struct tag verified_tag(const struct check *c)
{
	const struct str fields[] = { c->login_key, c->try->password, c->found.credential };

	return tag_of(c, fields, COUNT(fields));
}

static struct tag known_tag(const struct check *c)
{
	const struct str fields[] = { c->login_key, c->network_key };

	return tag_of(c, fields, COUNT(fields));
}

/* --- Verdicts --------------------------------------------------------------------------- */

static bool is_known(const struct check *c)
{
	struct tag tag = known_tag(c);

	return seen_has(c->l->known, tag_str(&tag));
}

/* Milliseconds for which this peer may not try this login. */
static int64_t locked_ms(const struct check *c)
{
	int64_t network = lockout_left_ms(c->l->by_network, c->network_key);
	int64_t login = lockout_left_ms(c->l->by_login, c->login_key);

	if (login != 0 && is_known(c))
		login = 0;
	return MAX(network, login);
}

static void block_note(const struct check *c, bool network)
{
	int64_t now_ms = clock_real_ms();
	const struct blocked b = {
		.address = network ? c->peer_text : c->login_key,
		.reason = network ? STR("too many failed logins from its network")
		                  : STR("too many failed logins with this name"),
		.key = network ? c->network_key : c->login_key,
		.network = network,
		.since_ms = now_ms,
		.until_ms = now_ms + (int64_t)LIMIT_login_lock_s * 1000,
	};

	blocked_put(&c->l->blocked, &b);
}

static void count_failure(const struct check *c)
{
	bool network = lockout_fail(c->l->by_network, c->network_key);
	bool login = c->login_key.n != 0 && lockout_fail(c->l->by_login, c->login_key);

	metric_add(METRIC_login_failed, 1);
	if (network)
		block_note(c, true);
	if (login)
		block_note(c, false);
	if (network || login)
		event(login_locked, c->try->id, ev_str(c->peer_text), ev_str(c->try->name),
		      ev_int(LIMIT_login_lock_s));
}

static void note(const struct check *c, bool ok, uint32_t app_password)
{
	struct login_recent seen = {
		.account = c->found.account.id,
		.ok = ok,
		.app_password = app_password,
		.service = c->try->service,
		.peer = c->peer_text,
		.client = c->try->client,
		.count = 1,
	};

	if (seen.account != 0)
		recents_note(c->l->recents, &seen);
}

static enum err denied(const struct check *c, const struct tag *tag, const char *reason,
                       struct why *why)
{
	/* The same wrong password again is no new guess: a phone that was not told of the new
	 * one must not lock out the house it is in. */
	if (!seen_has(c->l->refused, tag_str(tag)))
		count_failure(c);
	seen_put(c->l->refused, tag_str(tag));
	event(login_failed, c->try->id, ev_str(c->try->service), ev_str(c->peer_text),
	      ev_str(c->try->name), ev_z(reason));
	note(c, false, c->found.app_password);
	return fail(why, ERR_DENIED, "name or password is wrong");
}

static enum err later(const struct check *c, const char *reason, struct why *why)
{
	event(login_failed, c->try->id, ev_str(c->try->service), ev_str(c->peer_text),
	      ev_str(c->try->name), ev_z(reason));
	return fail(why, ERR_RETRY, "no logins for now, try later");
}

static enum err accepted(struct check *c, uint32_t app_password, struct login *out)
{
	const struct account_row *account = &c->found.account;
	struct tag known = known_tag(c);

	/* No success clears a counter, or a guesser could have his cleared by the user's own
	 * mail program; it exempts this network from the login's lock instead. */
	seen_put(c->l->known, tag_str(&known));
	*out = (struct login){
		.account = account->id,
		.role = account->role,
		.address = mailaddr_text(c->a, &account->address),
		.domains = str_dup(c->a, account->domains),
		.app_password = app_password,
		.second_factor = factor_any(&c->found.factor),
		.credential_ms = c->found.made_ms,
		.expires_ms = c->found.expires_ms,
		.moves = c->found.moves,
	};
	note(c, true, app_password);
	event(login_ok, c->try->id, ev_str(c->try->service), ev_str(c->peer_text),
	      ev_str(out->address));
	metric_add(METRIC_login_ok, 1);
	return OK;
}

/* --- The check -------------------------------------------------------------------------- */

/* NUL and broken UTF-8 never match (RFC 4616 2); acting as another is not for users. */
static bool form_ok(const struct login_try *try)
{
	return try->password.n != 0 && try->password.n <= PASSWORD_MAX &&
	       str_find_byte(try->password, '\0') < 0 && utf8_valid(try->password) &&
	       (try->authzid.n == 0 || str_eqi(try->authzid, try->name));
}

/* The slow way. *match is the answer; false when too many are waiting for one. */
static bool verify(struct check *c, bool *match)
{
	bool room = atomic_fetch_add(&c->l->waiting, 1) < LIMIT_login_waiting;

	/* An empty credential costs the same and matches nothing. */
	if (room)
		*match = password_verify(c->found.credential, c->try->password);
	atomic_fetch_sub(&c->l->waiting, 1);
	return room;
}

/* What else than a wrong password can be the matter, for the log. */
static const char *reason(const struct check *c, bool form)
{
	if (c->found.account.id == 0)
		return "no such account";
	if (!form)
		return "malformed";
	if (!c->found.account.enabled)
		return "account is disabled";
	if (c->found.app_password != 0 && !c->found.app_usable)
		return "app password is expired or for something else";
	if (factor_any(&c->found.factor) && c->scope != SCOPE_NONE)
		return "two-factor login is on: only app passwords";
	return "wrong password";
}

/* What is no password was wrong. It counts each time: unlike a password, no device repeats it. */
static enum err refused(const struct check *c, uint32_t credential, const char *reason)
{
	count_failure(c);
	event(login_failed, c->try->id, ev_str(c->try->service), ev_str(c->peer_text),
	      ev_str(c->try->name), ev_z(reason));
	note(c, false, credential);
	return ERR_DENIED;
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

/* The password was right; the console asks for more where there is a second factor. */
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
	bool form = form_ok(c->try);
	bool match = false;

	if (locked_ms(c) != 0) {
		metric_add(METRIC_login_locked, 1);
		return later(c, "locked", why);
	}
	if (store_read(c->l->store, candidate_read, c) != OK)
		return later(c, "store failed", why);
	if (form && c->found.account.enabled && c->found.app_usable)
		return accepted(c, c->found.app_password, out);
	tag = verified_tag(c);
	if (form && c->found.account.enabled && c->found.credential.n != 0 &&
	    seen_has(c->l->verified, tag_str(&tag)))
		return second_factor(c, out, why);
	if (seen_has(c->l->refused, tag_str(&tag)))
		return denied(c, &tag, "the same again", why);
	if (!verify(c, &match))
		return later(c, "busy", why);
	if (!match || !form || !c->found.account.enabled)
		return denied(c, &tag, reason(c, form), why);
	seen_put(c->l->verified, tag_str(&tag));
	if (password_stale(c->found.credential, password_usual()))
		rehash_start(c->l->rehash, c->found.account.id, c->found.credential,
		             c->try->password);
	return second_factor(c, out, why);
}

enum err login_check(struct logins *l, const struct login_try *try, struct arena *a,
                     struct login *out, struct why *why)
{
	struct check c = { .l = l, .try = try, .a = a, .scope = login_scope_of(try->service) };
	struct str trimmed = str_trim(try->name);
	enum err e;

	assert(txns_open() == 0);
	arena_init(&c.secret, true);
	c.name = name_parse(&c.secret, try->name);
	/* What is no address is counted as it stands, so that it locks like one. */
	c.login_key = mailaddr_is_null(&c.name) ? trimmed : mailaddr_text(&c.secret, &c.name);
	c.login_key = str_sub(c.login_key, 0, MAILADDR_PATH_MAX);
	c.network_key = addr_network_key(try->peer, c.network);
	c.peer_text = addr_ip_text(try->peer, c.peer);
	e = check_run(&c, out, why);
	arena_deinit(&c.secret);
	return e;
}

/* --- Another proof than a password ------------------------------------------------------- */

static enum err proven_read(struct txn *t, void *arg)
{
	struct check *c = arg;
	uint32_t account = c->found.account.id;
	enum err e = row_login_moves(t, &c->found.moves);

	if (e == OK)
		e = row_account_get(t, account, &c->secret, &c->found.account);
	return e != OK ? e : factor_get(t, account, &c->found.factor);
}

static enum err prove_run(struct check *c, login_proof *proof, void *arg, struct login *out,
                          struct why *why)
{
	struct login_proven proven = { 0 };
	struct why wrong = { "" };
	enum err e;

	if (locked_ms(c) != 0) {
		metric_add(METRIC_login_locked, 1);
		return later(c, "locked", why);
	}
	e = proof(c->l->store, arg, &proven, &wrong);
	c->found.account.id = proven.account;
	if (e == OK && store_read(c->l->store, proven_read, c) != OK)
		return later(c, "store failed", why);
	if (e == OK && c->found.account.enabled) {
		c->login_key = mailaddr_text(&c->secret, &c->found.account.address);
		return accepted(c, proven.credential, out);
	}
	if (e != OK && e != ERR_DENIED)
		return later(c, "store failed", why);
	(void)refused(c, proven.credential, e == OK ? "account is disabled" : wrong.text);
	return fail(why, ERR_DENIED, "that opens no account here");
}

enum err login_prove(struct logins *l, const struct login_try *try, login_proof *proof, void *arg,
                     struct arena *a, struct login *out, struct why *why)
{
	struct check c = { .l = l, .try = try, .a = a, .login_key = STR_EMPTY };
	enum err e;

	assert(txns_open() == 0 && try->name.n == 0);
	arena_init(&c.secret, true);
	c.network_key = addr_network_key(try->peer, c.network);
	c.peer_text = addr_ip_text(try->peer, c.peer);
	e = prove_run(&c, proof, arg, out, why);
	arena_deinit(&c.secret);
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
