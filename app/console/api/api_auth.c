/* console/api/api_auth.c: see api_private.h. */
#include "console/api/api_private.h"

#include "console/api/access/audit.h"
#include "console/api/access/session.h"
#include "console/api/access/token.h"
#include "console/api/admin.h"
#include "foundation/base/clock.h"
#include "model/directory/directory.h"
#include "model/store/store.h"

#include <string.h>

/* --- who --------------------------------------------------------------------------------- */

struct identify {
	struct api_call *call;
	struct ticket ticket;
	bool token;
	int64_t now_ms;
	unsigned scopes;
	bool stale; /* the last use is to be noted anew */
};

/* "Bearer" 1*SP token (RFC 6750 2.1). */
static bool bearer(const struct http_request *q, struct ticket *out)
{
	struct cur c = cur_of(str_trim(http_header(q, "Authorization")));

	return cur_stri(&c, STR("Bearer")) && cur_blank(&c) && ticket_parse(cur_rest(&c), out);
}

bool api_cookie(const struct http_request *q, struct ticket *out)
{
	return ticket_parse(http_cookie(http_header(q, "Cookie"), STR(API_COOKIE)), out);
}

static enum err ticket_check(struct txn *t, struct identify *i)
{
	struct session session;
	struct token token;
	enum err e;

	if (i->token) {
		e = token_get(t, &i->ticket, i->now_ms, i->call->arena, &token);
		if (e == OK) {
			i->scopes = token.scopes;
			i->stale = token_stale(&token, i->now_ms);
		}
		return e;
	}
	e = session_get(t, &i->ticket, i->now_ms, &session);
	if (e == OK)
		i->stale = session_stale(&session, i->now_ms);
	return e;
}

static enum api_role role_of(enum role role)
{
	return role == ROLE_OWNER ? API_OWNER : role == ROLE_ADMIN ? API_ADMIN : API_USER;
}

static enum err identify(struct txn *t, void *arg)
{
	struct identify *i = arg;
	struct arena *a = i->call->arena;
	struct ticket_key key = ticket_key(&i->ticket);
	struct account account;
	enum err e = ticket_check(t, i);

	if (e == OK)
		e = account_get(t, i->ticket.account, a, &account);
	if (e == ERR_MISSING || (e == OK && !account.logins))
		return ERR_MISSING;
	if (e != OK)
		return e;
	i->call->who = (struct api_who){
		.account = account.id,
		.role = role_of(account.role),
		.address = account.address,
		.domains = account.domains,
		.session = str_dup(a, ticket_key_str(&key)),
		.csrf = i->token ? STR_EMPTY : ticket_companion(&i->ticket, a),
		.token = i->token,
	};
	return OK;
}

static enum err touch(struct txn *t, void *arg)
{
	const struct identify *i = arg;

	return i->token ? token_touch(t, &i->ticket, i->now_ms)
	                : session_touch(t, &i->ticket, i->now_ms);
}

/* An owner without an account; or with ?as=ADDRESS this account, for calls about the own one. */
static enum err identify_command(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str address = http_argument(c->http, "as");
	struct account account;
	enum err e = account_find(t, address, c->arena, &account);

	if (e != OK)
		return fail(&c->why, e, "there is no account %.*s", STR_ARG(address));
	c->who.account = account.id;
	c->who.address = account.address;
	return OK;
}

/* OK with i->ticket of nobody: there is none, or it has ended. */
static enum err look(struct api_call *c, struct identify *i)
{
	enum err e;

	if (c->http->local) {
		c->who = (struct api_who){ .role = API_OWNER,
			                   .address = STR(AUDIT_COMMAND_LINE),
			                   .local = true };
		return http_argument(c->http, "as").n == 0
		               ? OK
		               : store_read(c->admin->store, identify_command, c);
	}
	i->token = bearer(c->http, &i->ticket);
	if (!i->token && !api_cookie(c->http, &i->ticket))
		return OK;
	e = store_read(c->admin->store, identify, i);
	return e == ERR_MISSING ? OK : e;
}

enum err api_look(struct api_call *c, unsigned *scopes)
{
	struct identify i = { .call = c, .now_ms = clock_real_ms() };
	enum err e = look(c, &i);

	*scopes = i.scopes;
	return e;
}

enum err api_identify(struct api_call *c, unsigned *scopes)
{
	struct identify i = { .call = c, .now_ms = clock_real_ms() };
	enum err e = look(c, &i);

	*scopes = i.scopes;
	/* A disk that is full must not keep the administrator out. */
	if (e == OK && c->who.account != 0 && i.stale &&
	    store_write(c->admin->store, touch, &i, NULL) == ERR_MISSING)
		c->who = (struct api_who){ 0 };
	return e;
}

/* --- where from -------------------------------------------------------------------------- */

static bool is_host(unsigned char c)
{
	return ascii_alnum((char)c) || (c != 0 && strchr("-._:[]", c) != NULL);
}

bool api_host_ok(struct str host)
{
	struct cur c = cur_of(host);

	return host.n != 0 && cur_while(&c, is_host).n == host.n;
}

/* Scheme and host may differ in the scheme only: a proxy in front may have taken TLS off, and the
 * cookie does not leave its scheme anyway (SameSite). */
static bool origin_is(struct str origin, struct str host)
{
	struct cur c = cur_of(origin);

	return (cur_str(&c, STR("http://")) || cur_str(&c, STR("https://"))) &&
	       str_eqi(cur_rest(&c), host);
}

bool api_same_origin(const struct http_request *q, struct why *why)
{
	struct str origin = http_header(q, "Origin"), site = http_header(q, "Sec-Fetch-Site");
	struct str host = q->host;

	if (site.n != 0 && !str_eq(site, STR("same-origin")) && !str_eq(site, STR("none"))) {
		fail(why, ERR_DENIED, "the request comes from a page of another site");
		return false;
	}
	if (origin.n != 0 && !origin_is(origin, host)) {
		fail(why, ERR_DENIED,
		     "a page of %.*s sent this to %.*s; a proxy between must keep the Host field",
		     STR_ARG(origin), STR_ARG(host));
		return false;
	}
	return true;
}
