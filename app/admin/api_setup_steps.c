/* admin/api_setup_steps.c: the steps of the setup; see setup.h. Each checks, then keeps. */
#include "admin/account.h"
#include "admin/admin.h"
#include "admin/api_dns.h"
#include "admin/api_setup.h"
#include "admin/dns_facts.h"
#include "admin/settings_store.h"
#include "base/clock.h"
#include "config/value.h"
#include "directory/directory.h"
#include "message/mailaddr.h"
#include "net/dns.h"
#include "smtp/out_probe.h"
#include "store/store.h"

enum { PASSWORD_LEAST = 8, LOGIN_MS = 10000, EDITS_MAX = 4 };

static struct str text(const struct api_call *c, const char *name)
{
	struct str s = STR_EMPTY;

	(void)json_str(json_get(c->body, name), &s);
	return s;
}

/* Settings and state in one transaction. What the environment says already is left out, so that
 * a setup beside a few variables goes through. */
static enum err settings_and_state(struct api_call *c, const struct setting_edit *edits, size_t n,
                                   struct setup_change *change)
{
	struct setting_edit wanted[EDITS_MAX];
	const struct settings *s = settings_ref(c->admin->live);
	size_t count = 0;

	assert(n <= EDITS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct buf now;

		buf_init(&now, KIB(64));
		setting_put(&now, s, edits[i].id);
		if (edits[i].unset ? s->origin[edits[i].id] == ORIGIN_STORE
		                   : setting_secret(edits[i].id) ||
		                             !str_eqi(buf_str(&now), edits[i].value))
			wanted[count++] = edits[i];
		buf_deinit(&now);
	}
	settings_unref(s);
	if (count == 0)
		return api_setup_write(change);
	return settings_change(c->admin->changes, wanted, count, api_setup_change, change, &c->why);
}

/* Run checks with a resolver that remembers nothing, and answer them. */
static enum err look_with(struct api_call *c, struct str domain,
                          void (*checker)(const struct look *, struct checks *))
{
	const struct settings *settings = settings_ref(c->admin->live);
	struct look look = { .dns = dns_unremembering(settings),
		             .settings = settings,
		             .domain = domain,
		             .peer = &c->http->peer,
		             .a = c->arena };
	struct checks checks = { .count = 0 };
	bool can = look.dns != NULL;

	if (can)
		checker(&look, &checks);
	dns_free(&look.dns);
	settings_unref(settings);
	if (!can)
		return fail(&c->why, ERR_RETRY, "DNS cannot be asked now");
	api_checks_put(c->out, &checks);
	return OK;
}

/* --- 1: names ----------------------------------------------------------------------------- */

static enum err keep_domain(struct txn *t, struct setup *s, void *arg)
{
	const struct str *domain = arg;

	if (s->account != 0 && !str_eq(*domain, s->domain))
		return fail(txn_why(t), ERR_CONFLICT,
		            "%.*s was made already; add more domains in the console",
		            STR_ARG(s->domain));
	/* An owner who was named at another domain is named again. */
	if (!str_eq(*domain, s->domain))
		s->done &= ~(unsigned)SETUP_OWNER;
	s->domain = *domain;
	s->done |= SETUP_HOST;
	return OK;
}

enum err api_setup_host(struct api_call *c)
{
	struct str domain = str_lower(c->arena, str_trim(text(c, "domain")));
	struct str hostname = str_lower(c->arena, str_trim(text(c, "hostname")));
	struct setting_edit edit = { .id = SETTING_hostname, .value = hostname };
	struct setup_change change = { .call = c, .fn = keep_domain, .arg = &domain };
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	if (e != OK)
		return e;
	if (!value_is_host(hostname) || str_find_byte(hostname, '.') < 0)
		return fail(&c->why, ERR_SYNTAX, "give a whole host name like mail.example.org");
	if (!value_is_host(domain) || str_find_byte(domain, '.') < 0)
		return fail(&c->why, ERR_SYNTAX, "give a domain like example.org");
	e = settings_and_state(c, &edit, 1, &change);
	return e == OK ? look_with(c, domain, look_names) : e;
}

/* --- 2: the owner ------------------------------------------------------------------------- */

struct owner {
	struct str address, name, hash;
};

/* The owner exists after a test message; then only name and password can change. */
static enum err owner_change(struct txn *t, const struct setup *s, const struct owner *o)
{
	struct account account;
	enum err e = account_get(t, s->account, txn_arena(t), &account);

	if (e != OK)
		return e;
	if (!str_eqi(o->address, account.address))
		return fail(txn_why(t), ERR_CONFLICT,
		            "%.*s was made already; finish the setup, and change people in the "
		            "console",
		            STR_ARG(account.address));
	account.name = o->name;
	e = account_change(t, &account, txn_why(t));
	return e == OK ? account_passwd(t, account.address, o->hash, txn_why(t)) : e;
}

static enum err keep_owner(struct txn *t, struct setup *s, void *arg)
{
	const struct owner *o = arg;
	enum err e = s->account != 0 ? owner_change(t, s, o) : OK;

	if (e != OK)
		return e;
	s->address = o->address;
	s->name = o->name;
	s->password_hash = s->account != 0 ? STR_EMPTY : o->hash;
	s->done |= SETUP_OWNER;
	return OK;
}

static enum err address_check(struct api_call *c, struct str address, struct str domain)
{
	struct mailaddr parsed;

	if (domain.n == 0)
		return fail(&c->why, ERR_CONFLICT, "give the names first: that step is not done");
	if (!mailaddr_of(address, c->arena, 0, &parsed) || !str_eqi(parsed.domain, domain))
		return fail(&c->why, ERR_SYNTAX, "give an address like me@%.*s", STR_ARG(domain));
	return OK;
}

enum err api_setup_owner(struct api_call *c)
{
	struct owner o = { .address = str_trim(text(c, "address")),
		           .name = str_trim(text(c, "name")) };
	struct str password = text(c, "password"), advice;
	struct setup_change change = { .call = c, .fn = keep_owner, .arg = &o };
	struct setup s;
	enum err e = api_setup_enter(c, &s);
	int strength;

	if (e != OK || (e = address_check(c, o.address, s.domain)))
		return e;
	if (password.n < PASSWORD_LEAST)
		return fail(&c->why, ERR_SYNTAX, "give a password of at least %d characters",
		            PASSWORD_LEAST);
	strength = password_strength(password, o.address, &advice);
	if ((e = account_password_hash(password, c->arena, &o.hash, &c->why)) ||
	    (e = api_setup_write(&change)))
		return e;
	json_open(c->out, NULL, '{');
	json_put_u64(c->out, "strength", (uint64_t)strength);
	json_put_str(c->out, "advice", advice);
	json_close(c->out);
	return OK;
}

/* --- 3: a look around, and the way out ------------------------------------------------------ */

enum err api_setup_look(struct api_call *c)
{
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	return e == OK ? look_with(c, s.domain, look_around) : e;
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

/* As ROOST_SMARTHOST has it. */
static enum err smarthost_text(struct api_call *c, struct json from, struct str *out)
{
	struct str host = STR_EMPTY, tls = STR_EMPTY, user = STR_EMPTY, password = STR_EMPTY;
	uint64_t port = 0;
	struct buf b;

	(void)json_str(json_get(from, "host"), &host);
	(void)json_str(json_get(from, "tls"), &tls);
	(void)json_str(json_get(from, "user"), &user);
	(void)json_str(json_get(from, "password"), &password);
	if (!value_is_host(str_trim(host)))
		return fail(&c->why, ERR_SYNTAX, "give the smarthost's name");
	if (!json_u64(json_get(from, "port"), &port) || port == 0 || port > 65535)
		return fail(&c->why, ERR_SYNTAX, "give the smarthost's port, 1 to 65535");
	if (!str_eq(tls, STR("starttls")) && !str_eq(tls, STR("implicit")))
		return fail(&c->why, ERR_SYNTAX, "tls is starttls or implicit");
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

enum err api_setup_delivery(struct api_call *c)
{
	struct check check = { .id = "delivery", .title = "How mail goes out" };
	struct setting_edit edit = { .id = SETTING_smarthost, .unset = true };
	unsigned bit = SETUP_DELIVERY;
	struct setup_change change = { .call = c, .fn = keep_bit, .arg = &bit };
	struct str mode = text(c, "mode");
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
		return fail(&c->why, ERR_SYNTAX, "mode is direct or smarthost");
	}
	if ((e = settings_and_state(c, &edit, 1, &change)))
		return e;
	api_check_put(c->out, &check);
	return OK;
}

/* --- 4: the certificate --------------------------------------------------------------------- */

static enum err keep_certificate(struct txn *t, struct setup *s, void *arg)
{
	(void)t;
	s->certificate = *(const struct str *)arg;
	s->done |= SETUP_CERTIFICATE;
	return OK;
}

static enum err certificate_acme(struct api_call *c, struct setup_change *change)
{
	const struct setting_edit edits[] = {
		{ .id = SETTING_acme, .value = STR("on") },
		{ .id = SETTING_acme_email, .value = str_trim(text(c, "email")) },
		{ .id = SETTING_acme_challenge, .value = text(c, "challenge") },
	};
	bool terms = false;

	(void)json_bool(json_get(c->body, "terms"), &terms);
	if (!terms)
		return fail(&c->why, ERR_SYNTAX,
		            "an authority issues certificates only to who accepts its terms");
	return settings_and_state(c, edits, COUNT(edits), change);
}

static enum err certificate_files(struct api_call *c, struct setup_change *change)
{
	if (c->admin->settings->tls_cert.n == 0)
		return fail(&c->why, ERR_CONFLICT,
		            "set ROOST_TLS_CERT and ROOST_TLS_KEY to the PEM files in the "
		            "environment and start again; the setup goes on here");
	return api_setup_write(change);
}

enum err api_setup_certificate(struct api_call *c)
{
	struct check check = { .id = "certificate", .title = "Certificate" };
	const struct setting_edit off = { .id = SETTING_acme, .unset = true };
	struct str mode = text(c, "mode");
	struct setup_change change = { .call = c, .fn = keep_certificate, .arg = &mode };
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	if (e != OK)
		return e;
	if (str_eq(mode, STR("acme")))
		e = certificate_acme(c, &change);
	else if (str_eq(mode, STR("files")))
		e = certificate_files(c, &change);
	else if (str_eq(mode, STR("self")))
		e = settings_and_state(c, &off, 1, &change);
	else
		e = fail(&c->why, ERR_SYNTAX, "mode is acme, files or self");
	if (e != OK)
		return e;
	check.seen = mode;
	if (str_eq(mode, STR("acme"))) {
		check.state = DNS_STATE_UNKNOWN;
		check.advice = STR("it is being asked for now; the console shows it under "
		                   "Certificates, or what the authority said");
	}
	api_check_put(c->out, &check);
	return OK;
}

/* --- 5: DNS --------------------------------------------------------------------------------- */

enum err api_setup_dns(struct api_call *c)
{
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	if (e != OK)
		return e;
	if (s.domain.n == 0)
		return fail(&c->why, ERR_CONFLICT, "give the names first: that step is not done");
	return api_dns_put(c, s.domain);
}
