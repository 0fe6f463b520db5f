/* console/api/setup/api_setup_delivery.c: the third step of the setup: a look around, and the
 * way out for mail. */
#include "console/api/admin.h"
#include "console/api/setup/api_setup.h"
#include "foundation/config/value.h"
#include "protocols/smtp_out/probe.h"
#include "protocols/smtp_out/route.h"

enum { LOGIN_MS = 10000 };

enum err api_setup_look(struct api_call *c)
{
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	return e == OK ? api_setup_checks(c, s.domain, look_around) : e;
}

static enum err keep_bit(struct txn *t, struct setup *s, void *arg)
{
	(void)t;
	s->done |= *(const unsigned *)arg;
	return OK;
}

/* Bytes that end a user or password in a URL as %XX (RFC 3986 2.1). */
static void put_escaped(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (ascii_alnum(s.p[i]) || s.p[i] == '-' || s.p[i] == '.' || s.p[i] == '_')
			buf_byte(b, s.p[i]);
		else
			buf_fmt(b, "%%%02X", (unsigned char)s.p[i]);
	}
}

/* The password that is set, when the same login at the same place comes without one: it goes to no
 * other host. Strings of set live in the call's arena. */
static void password_keep(struct api_call *c, struct out_smarthost *set, struct json from,
                          struct str *password)
{
	const struct settings *s = settings_ref(c->admin->live);
	struct str host = STR_EMPTY, tls = STR_EMPTY, user = STR_EMPTY;
	uint64_t port = 0;

	(void)json_str(json_get(from, "host"), &host);
	(void)json_str(json_get(from, "tls"), &tls);
	(void)json_str(json_get(from, "user"), &user);
	(void)json_u64(json_get(from, "port"), &port);
	if (password->n == 0 && user.n != 0 &&
	    out_smarthost_parse(str_dup(c->arena, s->smarthost), c->arena, set, NULL) == OK &&
	    str_eqi(set->host, str_trim(host)) && set->port == port && str_eq(set->user, user) &&
	    set->implicit_tls == str_eq(tls, STR("implicit")))
		*password = set->password;
	settings_unref(s);
}

/* As ROOST_SMARTHOST has it. */
static enum err smarthost_text(struct api_call *c, struct json from, struct str *out)
{
	struct str host = STR_EMPTY, tls = STR_EMPTY, user = STR_EMPTY, password = STR_EMPTY;
	struct out_smarthost set = { 0 };
	uint64_t port = 0;
	struct buf b;

	(void)json_str(json_get(from, "host"), &host);
	(void)json_str(json_get(from, "tls"), &tls);
	(void)json_str(json_get(from, "user"), &user);
	(void)json_str(json_get(from, "password"), &password);
	password_keep(c, &set, from, &password);
	if (!value_is_host(str_trim(host)))
		return api_invalid(c, "host", host, "the host name of the smarthost");
	if (!json_u64(json_get(from, "port"), &port) || port == 0 || port > 65535)
		return fail(&c->why, ERR_SYNTAX, "port: use a number of 1 to 65535");
	if (!str_eq(tls, STR("starttls")) && !str_eq(tls, STR("implicit")))
		return api_invalid(c, "tls", tls, "starttls or implicit");
	buf_init(&b, KIB(8));
	buf_put(&b, str_eq(tls, STR("implicit")) ? STR("smtps://") : STR("smtp://"));
	if (user.n != 0) {
		put_escaped(&b, user);
		buf_byte(&b, ':');
		put_escaped(&b, password);
		buf_byte(&b, '@');
	}
	buf_fmt(&b, "%.*s:%" PRIu64, STR_ARG(str_trim(host)), port);
	*out = str_dup(c->arena, buf_str(&b));
	buf_deinit(&b);
	return OK;
}

/* Nothing is kept that was not seen to work. */
static enum err smarthost_try(struct api_call *c, struct str smarthost, struct check *check)
{
	const struct settings *s = settings_ref(c->admin->live);
	struct out_probe probe = {
		.dns = c->admin->dns, .settings = s, .smarthost = smarthost, .patience_ms = LOGIN_MS
	};
	struct why why = { "" };
	enum err e = out_probe(&probe, c->arena, &check->seen, &why);

	settings_unref(s);
	if (e == OK)
		return OK;
	return api_refuse(c, 422, "limit", "%.*s does not take mail from us: %s",
	                  STR_ARG(check->seen), why.text);
}

/* It is set already, perhaps by the environment, which nothing here changes. */
static bool smarthost_is(struct api_call *c, struct str text)
{
	const struct settings *s = settings_ref(c->admin->live);
	bool same = text.n != 0 && str_eq(s->smarthost, text);

	settings_unref(s);
	return same;
}

enum err api_setup_delivery(struct api_call *c)
{
	struct check check = { .id = "delivery", .title = "How mail goes out" };
	struct setting_edit edit = { .id = SETTING_smarthost, .unset = true };
	unsigned bit = SETUP_DELIVERY;
	struct setup_change change = { .call = c, .fn = keep_bit, .arg = &bit };
	struct str mode = api_setup_text(c, "mode");
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	if (e != OK)
		return e;
	if (str_eq(mode, STR("smarthost"))) {
		edit.unset = false;
		e = smarthost_text(c, json_get(c->body, "smarthost"), &edit.value);
		if (e != OK || (e = smarthost_try(c, edit.value, &check)))
			return e;
	} else if (!str_eq(mode, STR("direct"))) {
		return api_invalid(c, "mode", mode, "direct or smarthost");
	}
	if ((e = api_setup_settings(c, &edit, smarthost_is(c, edit.value) ? 0 : 1, &change)))
		return e;
	api_check_put(c->out, &check);
	return OK;
}
