/* console/api/access/api_session.c: logging in to the console and out of it. */
#include "console/api/access/session.h"
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/directory/login/factor.h"
#include "model/directory/login/login.h"
#include "model/store/store.h"

struct starting {
	struct api_call *call;
	struct ticket ticket, before; /* before: of the cookie that came along */
	bool had;
	int64_t now_ms;
};

static enum err start(struct txn *t, void *arg)
{
	const struct starting *s = arg;
	enum err e = s->had ? session_rm(t, &s->before) : OK;

	return e != OK ? e : session_add(t, &s->ticket, s->now_ms);
}

/* The browser sends it back to nobody else, shows it to no script, and only for our own pages.
 * RFC 6265 4.1.2; over TLS never in the clear. */
static void set_cookie(struct api_call *c, struct str id, int64_t age_s)
{
	http_set(c->response, "Set-Cookie",
	         str_fmt(c->arena,
	                 API_COOKIE "=%.*s; Path=/; Max-Age=%" PRId64
	                            "; HttpOnly; SameSite=Strict%s",
	                 STR_ARG(id), age_s, c->http->tls ? "; Secure" : ""));
}

enum err api_session_start(struct api_call *c, uint32_t account)
{
	struct starting s = { .call = c, .ticket = ticket_new(account) };
	struct ticket_key key = ticket_key(&s.ticket);
	enum err e;

	/* Always a new id: one that somebody else planted before is worth nothing after. */
	s.had = api_cookie(c->http, &s.before);
	s.now_ms = clock_real_ms();
	e = store_write(c->admin->store, start, &s, &c->why);
	if (e != OK)
		return e;
	c->who.account = account;
	c->who.session = str_dup(c->arena, ticket_key_str(&key));
	c->who.csrf = ticket_companion(&s.ticket, c->arena);
	set_cookie(c, ticket_text(&s.ticket, c->arena), LIMIT_session_s);
	return api_session(c);
}

enum err api_login(struct api_call *c)
{
	struct login_try try = { .id = c->http->id,
		                 .service = c->http->tls ? STR("https") : STR("http"),
		                 .peer = &c->http->peer,
		                 .client = http_header(c->http, "User-Agent") };
	struct login login;
	enum err e;

	(void)json_str(json_get(c->body, "login"), &try.name);
	(void)json_str(json_get(c->body, "password"), &try.password);
	(void)json_str(json_get(c->body, "code"), &try.code);
	e = login_check(c->admin->logins, &try, c->arena, &login, &c->why);
	if (e == ERR_MISSING)
		return api_refuse(c, 401, "totp_needed", "a code of your authenticator is needed");
	if (e == ERR_CONFLICT)
		return api_refuse(c, 401, "passkey_needed",
		                  "the password is right, but only a passkey of yours opens this: "
		                  "log in with one, or ask an administrator to remove them");
	if (e == ERR_DENIED)
		return api_refuse(c, 401, "denied", "name, password or code is wrong");
	return e != OK ? e : api_session_start(c, login.account);
}

/* --- the session ------------------------------------------------------------------------- */

struct person {
	struct api_call *call;
	struct account account;
	struct factor factor;
};

static enum err person_read(struct txn *t, void *arg)
{
	struct person *p = arg;
	enum err e = account_get(t, p->call->who.account, p->call->arena, &p->account);

	return e != OK ? e : factor_get(t, p->account.id, &p->factor);
}

enum err api_session(struct api_call *c)
{
	struct person p = { .call = c };
	enum err e = store_read(c->admin->store, person_read, &p);

	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_put_u64(c->out, "account", p.account.id);
	json_put_str(c->out, "address", p.account.address);
	json_put_str(c->out, "name", p.account.name);
	json_put_str(c->out, "role", str_of(role_name(p.account.role)));
	json_put_str(c->out, "csrf", c->who.csrf);
	json_put_bool(c->out, "totp", p.factor.on);
	json_close(c->out);
	return OK;
}

static enum err finish(struct txn *t, void *arg)
{
	return session_rm(t, arg);
}

enum err api_logout(struct api_call *c)
{
	struct ticket ticket;

	set_cookie(c, STR_EMPTY, 0);
	/* A token is not ended by this: see DELETE /api/tokens. */
	if (c->who.token || !api_cookie(c->http, &ticket))
		return OK;
	return store_write(c->admin->store, finish, &ticket, &c->why);
}
