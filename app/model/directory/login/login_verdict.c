/* model/directory/login/login_verdict.c: the outcome of a login: locks, remembered results, log and
 * answer; see login_private.h. */
#include "model/directory/login/login_private.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/directory/login/login_recent.h"
#include "model/directory/login/login_slow.h"
#include "model/directory/seen.h"
#include "model/store/store.h"
#include "network/runtime/ratelimit.h"

/* --- Tags ------------------------------------------------------------------------------- */

static struct tag tag_of(const struct check *c, const struct str *fields, size_t count)
{
	struct buf b;
	struct tag tag = { { 0 } };
	size_t n = 0;

	/* Allocated in full at once, so that growing leaves no copy of the secret in memory. */
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

struct str tag_str(const struct tag *tag)
{
	return str_from((const char *)tag->bytes, sizeof(tag->bytes));
}

struct tag verified_tag(const struct check *c)
{
	const struct str fields[] = { c->login_key, c->try->password, c->found.credential };

	return tag_of(c, fields, COUNT(fields));
}

static struct tag known_tag(const struct check *c)
{
	const struct str fields[] = { c->login_key, c->known_key };

	return tag_of(c, fields, COUNT(fields));
}

/* --- Locks ------------------------------------------------------------------------------ */

/* Keeps the account that was found before. */
static enum err known_read(struct txn *t, void *arg)
{
	struct check *c = arg;
	struct candidate found = c->found;
	enum err e = found.account.id == 0 ? candidate_account(t, c) : OK;
	uint32_t account = c->found.account.id;

	c->found = found;
	if (e == OK && account == 0)
		return ERR_MISSING;
	return e != OK ? e : known_network_find(t, account, c->known_key, clock_real_ms());
}

bool check_known(struct check *c)
{
	struct tag tag;

	if (c->from != NETWORK_UNASKED)
		return c->from == NETWORK_KNOWN;
	tag = known_tag(c);
	c->from = seen_has(c->l->known, tag_str(&tag)) ||
	                          (!mailaddr_is_null(&c->name) &&
	                           store_read(c->l->store, known_read, c) == OK)
	                  ? NETWORK_KNOWN
	                  : NETWORK_STRANGE;
	return c->from == NETWORK_KNOWN;
}

bool network_locked(const struct check *c)
{
	return lockout_left_ms(c->l->by_network, c->network_key) != 0;
}

static bool admit(struct check *c)
{
	struct logins *l = c->l;
	bool network = network_locked(c);
	bool login = lockout_left_ms(l->by_login, c->login_key) != 0;
	bool slow = network || login ||
	            2 * lockout_failures(l->by_network, c->network_key) >=
	                    LIMIT_login_failures_per_address ||
	            2 * lockout_failures(l->by_login, c->login_key) >=
	                    LIMIT_login_failures_per_login;

	if (!slow)
		return true;
	if (check_known(c))
		return !network ||
		       login_slow_wait(l->slow_known, c->network_key, LIMIT_login_known_slow_ms);
	return !network && !login &&
	       login_slow_wait(l->slow_strange, c->network_key, LIMIT_login_slow_ms);
}

bool check_admit(struct check *c)
{
	bool admitted = admit(c);

	metric_add(METRIC_login_locked, !admitted);
	return admitted;
}

/* --- Verdicts --------------------------------------------------------------------------- */

static void block_note(const struct check *c, bool network)
{
	int64_t now_ms = clock_real_ms();
	const struct blocked b = {
		.address = network ? c->peer_text : c->login_key,
		.reason = network ? STR("too many failed logins from its network")
		                  : STR("too many failed logins with this name from networks "
		                        "that are not known for it"),
		.key = network ? c->network_key : c->login_key,
		.network = network,
		.since_ms = now_ms,
		.until_ms = now_ms + (int64_t)LIMIT_login_lock_s * 1000,
	};

	blocked_put(&c->l->blocked, &b);
}

/* A failure from a known network counts against that network alone. */
static void count_failure(struct check *c)
{
	bool network = lockout_fail(c->l->by_network, c->network_key);
	bool login = c->login_key.n != 0 && !check_known(c) &&
	             lockout_fail(c->l->by_login, c->login_key);

	metric_add(METRIC_login_failed, 1);
	if (network)
		block_note(c, true);
	if (login)
		block_note(c, false);
	if (network || login)
		event(login_locked, c->try->id, ev_str(c->peer_text), ev_str(c->try->name),
		      ev_int(LIMIT_login_lock_s));
}

static void verdict_note(const struct check *c, bool ok, uint32_t app_password)
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

enum err denied(struct check *c, const struct tag *tag, const char *reason, struct why *why)
{
	/* The same wrong password again is not counted: a phone with an old password must not lock
	 * out its whole network. */
	if (!seen_has(c->l->refused, tag_str(tag)))
		count_failure(c);
	seen_put(c->l->refused, tag_str(tag));
	event(login_failed, c->try->id, ev_str(c->try->service), ev_str(c->peer_text),
	      ev_str(c->try->name), ev_z(reason));
	verdict_note(c, false, c->found.app_password);
	return fail(why, ERR_DENIED, "name or password is wrong");
}

enum err later(const struct check *c, const char *reason, struct why *why)
{
	event(login_failed, c->try->id, ev_str(c->try->service), ev_str(c->peer_text),
	      ev_str(c->try->name), ev_z(reason));
	return fail(why, ERR_RETRY, "no logins for now, try later");
}

enum err accepted(struct check *c, uint32_t app_password, struct login *out)
{
	const struct account_row *account = &c->found.account;
	struct tag known = known_tag(c);

	/* A success does not reset a counter: otherwise the logins of the user's own client would
	 * reset a guesser's. Instead, the client's network becomes known for this login
	 * (known_network.h). */
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
		.scopes = c->found.scopes,
		.moves = c->found.moves,
	};
	verdict_note(c, true, app_password);
	event(login_ok, c->try->id, ev_str(c->try->service), ev_str(c->peer_text),
	      ev_str(out->address));
	metric_add(METRIC_login_ok, 1);
	return OK;
}

enum err refused(struct check *c, uint32_t credential, const char *reason)
{
	struct str name = c->try->name.n != 0 ? c->try->name : c->try->authzid;

	count_failure(c);
	event(login_failed, c->try->id, ev_str(c->try->service), ev_str(c->peer_text),
	      ev_str(name), ev_z(reason));
	verdict_note(c, false, credential);
	return ERR_DENIED;
}
