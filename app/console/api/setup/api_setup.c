/* console/api/setup/api_setup.c: the setup as a whole: who may, how far it is, its end; see
 * setup.h. */
#include "console/api/setup/api_setup.h"

#include "console/api/admin.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"
#include "network/runtime/ratelimit.h"
#include "protocols/smtp_out/route.h"

/* --- who may ------------------------------------------------------------------------------ */

struct reading {
	struct arena *a;
	struct setup setup;
};

static enum err read(struct txn *t, void *arg)
{
	struct reading *r = arg;

	return setup_get(t, r->a, &r->setup);
}

static enum err setup_read(struct api_call *c, struct setup *out)
{
	struct reading r = { .a = c->arena };
	enum err e = store_read(c->admin->store, read, &r);

	*out = r.setup;
	return e == ERR_MISSING ? fail(&c->why, e, "this server is already set up") : e;
}

/* In time that depends on lengths only (str_eq_secret). */
static bool token_is(const struct api_call *c, const struct setup *s, struct str token)
{
	struct str wanted = c->admin->settings->setup_token;

	if (wanted.n == 0)
		wanted = s->token;
	return wanted.n != 0 && str_eq_secret(token, wanted);
}

/* A wrong token counts, and while too many came from a network none of it is looked at. */
static enum err token_check(struct api_call *c, const struct setup *s, struct str token)
{
	char bytes[ADDR_NETWORK_KEY_MAX], text[ADDR_TEXT_MAX];
	struct str key = addr_network_key(&c->http->peer, bytes);
	int64_t left_ms = lockout_left_ms(c->admin->claims, key);

	if (left_ms != 0) {
		http_set(c->response, "Retry-After",
		         str_fmt(c->arena, "%" PRId64, left_ms / 1000 + 1));
		return api_refuse(c, 429, "rate",
		                  "too many wrong tokens: try again in %" PRId64 " s",
		                  left_ms / 1000 + 1);
	}
	if (token_is(c, s, token))
		return OK;
	lockout_fail(c->admin->claims, key);
	event(setup_denied, c->http->id, ev_str(addr_ip_text(&c->http->peer, text)));
	return api_refuse(c, 403, "denied",
	                  "this is not the token of the link that the server printed when it "
	                  "started");
}

enum err api_setup_enter(struct api_call *c, struct setup *out)
{
	enum err e = setup_read(c, out);

	return e != OK ? e : token_check(c, out, http_header(c->http, "X-Setup-Token"));
}

/* --- changing ----------------------------------------------------------------------------- */

enum err api_setup_change(struct txn *t, void *arg)
{
	struct setup_change *change = arg;
	enum err e = setup_get(t, change->call->arena, &change->setup);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "this server is already set up");
	if (e == OK)
		e = change->fn(t, &change->setup, change->arg);
	return e == OK ? setup_put(t, &change->setup) : e;
}

enum err api_setup_write(struct setup_change *change)
{
	return store_write(change->call->admin->store, api_setup_change, change,
	                   &change->call->why);
}

/* --- how far ------------------------------------------------------------------------------ */

/* Without the password. Nothing when it is none of the form that the step writes. */
static void put_smarthost(struct api_call *c, const struct settings *settings)
{
	struct out_smarthost set = { 0 };

	if (settings->smarthost.n == 0 ||
	    out_smarthost_parse(settings->smarthost, c->arena, &set, NULL) != OK)
		return;
	json_open(c->out, "smarthost", '{');
	json_put_str(c->out, "host", set.host);
	json_put_u64(c->out, "port", set.port);
	json_put_str(c->out, "tls", set.implicit_tls ? STR("implicit") : STR("starttls"));
	json_put_str(c->out, "user", set.user);
	json_put_bool(c->out, "password_set", set.password.n != 0);
	json_close(c->out);
}

static void put_acme(struct json_writer *w, const struct settings *settings)
{
	ptrdiff_t colon = str_rfind_byte(settings->dns_update_key, ':');

	json_open(w, "acme", '{');
	json_put_str(w, "email", settings->acme_email);
	json_put_str(w, "challenge", settings->acme_challenge);
	json_open(w, "dns", '{');
	json_put_str(w, "server", settings->dns_update_server);
	json_put_str(w, "key_name",
	             str_sub(settings->dns_update_key, 0, colon > 0 ? (size_t)colon : 0));
	json_close(w);
	json_put_str(w, "hook", settings->dns_update_hook);
	json_close(w);
}

static void put_setup(struct api_call *c, const struct setup *s)
{
	const struct settings *settings = settings_ref(c->admin->live);
	struct json_writer *w = c->out;

	json_open(w, NULL, '{');
	json_put_bool(w, "open", true);
	json_put_str(w, "step", str_of(setup_step(s)));
	/* The machine's own name is rarely its public one. */
	if (settings->origin[SETTING_hostname] != ORIGIN_DEFAULT)
		json_put_str(w, "hostname", settings->hostname);
	if (s->domain.n != 0 || settings->domain.n != 0)
		json_put_str(w, "domain", s->domain.n != 0 ? s->domain : settings->domain);
	if (s->address.n != 0)
		json_put_str(w, "owner", s->address);
	if (s->name.n != 0)
		json_put_str(w, "owner_name", s->name);
	json_put_bool(w, "password_set", s->account != 0 || s->password_hash.n != 0);
	json_put_str(w, "delivery", settings->smarthost.n != 0 ? STR("smarthost") : STR("direct"));
	json_put_bool(w, "delivery_done", (s->done & SETUP_DELIVERY) != 0);
	put_smarthost(c, settings);
	if (s->certificate.n != 0)
		json_put_str(w, "certificate", s->certificate);
	put_acme(w, settings);
	json_close(w);
	settings_unref(settings);
}

enum err api_setup(struct api_call *c)
{
	struct setup s;
	enum err e = setup_read(c, &s);
	struct str token = http_header(c->http, "X-Setup-Token");

	if (e != OK)
		return e;
	if (token.n == 0) {
		json_open(c->out, NULL, '{');
		json_put_bool(c->out, "open", true);
		json_put_str(c->out, "step", STR("claim"));
		json_close(c->out);
		return OK;
	}
	e = token_check(c, &s, token);
	if (e == OK)
		put_setup(c, &s);
	return e;
}

enum err api_setup_claim(struct api_call *c)
{
	struct str token = STR_EMPTY;
	struct setup s;
	enum err e = setup_read(c, &s);

	(void)json_str(json_get(c->body, "token"), &token);
	if (e == OK)
		e = token_check(c, &s, str_trim(token));
	if (e == OK)
		put_setup(c, &s);
	return e;
}

/* --- the end ------------------------------------------------------------------------------ */

struct finishing {
	struct api_call *call;
	uint32_t account;
};

static enum err finish(struct txn *t, void *arg)
{
	struct finishing *f = arg;
	struct setup s;
	enum err e = setup_get(t, f->call->arena, &s);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "this server is already set up");
	if (e == OK)
		e = setup_people_make(t, &s);
	f->account = s.account;
	if (e == OK)
		e = setup_end(t);
	return e == OK ? api_audit(t, f->call, "setup.finish", s.address, STR_EMPTY, STR_EMPTY) : e;
}

enum err api_setup_finish(struct api_call *c)
{
	struct finishing f = { .call = c };
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	if (e == OK)
		e = store_write(c->admin->store, finish, &f, &c->why);
	return e == OK ? api_session_start(c, f.account) : e;
}

/* --- checks ------------------------------------------------------------------------------- */

void api_check_put(struct json_writer *w, const struct check *check)
{
	json_open(w, NULL, '{');
	json_put_str(w, "id", str_of(check->id));
	json_put_str(w, "title", str_of(check->title));
	json_put_str(w, "state", str_of(dns_state_name(check->state)));
	json_put_str(w, "seen", check->seen);
	json_put_str(w, "expected", check->expected);
	json_put_str(w, "advice", check->advice);
	json_close(w);
}

void api_checks_put(struct json_writer *w, const struct checks *checks)
{
	json_open(w, NULL, '{');
	json_open(w, "checks", '[');
	for (size_t i = 0; i < checks->count; i++)
		api_check_put(w, &checks->items[i]);
	json_close(w);
	json_close(w);
}
