/* console/api/setup/api_setup_certificate.c: the fourth step of the setup: what proves to others
 * that this server is itself. */
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "console/api/setup/api_setup.h"
#include "foundation/base/buf.h"
#include "foundation/config/live.h"
#include "foundation/crypto/x509.h"
#include "model/store/store.h"
#include "operations/acme/acme.h"

enum { NAMES_MAX = 4096 };

static enum err keep_certificate(struct txn *t, struct setup *s, void *arg)
{
	(void)t;
	s->certificate = *(const struct str *)arg;
	s->done |= SETUP_CERTIFICATE;
	return OK;
}

enum { ACME_EDITS_MAX = 6 };

static void edit_given(struct setting_edit *edits, size_t *n, enum setting_id id, struct str value)
{
	if (value.n != 0)
		edits[(*n)++] = (struct setting_edit){ .id = id, .value = value };
}

/* The access to DNS for dns-01 (RFC 8555 8.4); absent members stay unchanged. */
static enum err edits_dns(struct api_call *c, struct setting_edit *edits, size_t *n)
{
	struct json dns = json_get(c->body, "dns");
	struct str server = STR_EMPTY, name = STR_EMPTY, secret = STR_EMPTY, key = STR_EMPTY;
	struct str hook = str_trim(api_setup_text(c, "hook"));
	const struct settings *s = settings_ref(c->admin->live);
	bool any = s->dns_update_server.n != 0 || s->dns_update_hook.n != 0;

	settings_unref(s);
	(void)json_str(json_get(dns, "server"), &server);
	(void)json_str(json_get(dns, "key_name"), &name);
	(void)json_str(json_get(dns, "key_secret"), &secret);
	server = str_trim(server);
	if (!any && server.n == 0 && hook.n == 0)
		return fail(&c->why, ERR_SYNTAX,
		            "enter a name server for dynamic updates, or the URL of an HTTP hook");
	if (secret.n != 0 && name.n == 0)
		return fail(&c->why, ERR_SYNTAX, "key_name: enter the name of the TSIG key");
	if (secret.n != 0)
		key = str_fmt(c->arena, "%.*s:%.*s", STR_ARG(name), STR_ARG(secret));
	edit_given(edits, n, SETTING_dns_update_server, server);
	edit_given(edits, n, SETTING_dns_update_key, key);
	edit_given(edits, n, SETTING_dns_update_hook, hook);
	return OK;
}

static enum err certificate_acme(struct api_call *c, struct setup_change *change)
{
	struct setting_edit edits[ACME_EDITS_MAX] = {
		{ .id = SETTING_acme, .value = STR("on") },
		{ .id = SETTING_acme_email, .value = str_trim(api_setup_text(c, "email")) },
		{ .id = SETTING_acme_challenge, .value = api_setup_text(c, "challenge") },
	};
	size_t n = 3;
	bool terms = false;
	enum err e = OK;

	(void)json_bool(json_get(c->body, "terms"), &terms);
	if (!terms)
		return fail(&c->why, ERR_SYNTAX,
		            "accept the terms of the certificate authority to get a certificate");
	if (str_eq(edits[2].value, STR("dns-01")))
		e = edits_dns(c, edits, &n);
	return e == OK ? api_setup_settings(c, edits, n, change) : e;
}

static void names_put(struct buf *b, const struct x509 *leaf)
{
	for (size_t i = 0; i < leaf->name_count; i++) {
		buf_put(b, i != 0 ? STR(", ") : STR_EMPTY);
		buf_put(b, leaf->names[i]);
	}
}

/* One that does not carry the host's name would be shown to nobody who asks by it. */
static enum err covers_host(struct api_call *c, struct str chain)
{
	const struct settings *s = settings_ref(c->admin->live);
	struct x509 *certs;
	size_t count;
	struct buf names;
	enum err e = x509_read_chain(chain, c->arena, &certs, &count, &c->why);

	if (e == OK && !x509_covers(certs, s->hostname)) {
		buf_init(&names, NAMES_MAX);
		names_put(&names, certs);
		e = fail(
			&c->why, ERR_SYNTAX,
			"the certificate is for %.*s, but mail clients connect to %.*s. Upload one "
			"with that name, or change the host name in the first step",
			STR_ARG(buf_str(&names)), STR_ARG(s->hostname));
		buf_deinit(&names);
	}
	settings_unref(s);
	return e;
}

/* Files that the environment names are shown already; else the texts come with the call, are kept
 * in the store and shown at once. */
static enum err certificate_files(struct api_call *c, struct setup_change *change)
{
	struct str chain = api_setup_text(c, "chain"), key = api_setup_text(c, "key"), id;
	const struct setting_edit off = { .id = SETTING_acme, .unset = true };
	enum err e;

	if (chain.n == 0 && key.n == 0 && c->admin->settings->tls_cert.n != 0)
		return api_setup_write(change);
	if (str_trim(chain).n == 0 || str_trim(key).n == 0)
		return fail(&c->why, ERR_SYNTAX,
		            "enter both the certificate chain and the private key");
	if ((e = covers_host(c, chain)) || (e = certificates_own_put(c, chain, key, &id)))
		return e;
	return api_setup_settings(c, &off, 1, change);
}

enum err api_setup_challenges(struct api_call *c)
{
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	return e == OK ? api_setup_checks(c, s.domain, look_challenges) : e;
}

/* --- what became of it ---------------------------------------------------------------------- */

struct looking {
	struct arena *a;
	struct acme_list list;
};

static enum err load(struct txn *t, void *arg)
{
	struct looking *l = arg;

	return acme_list(t, true, l->a, &l->list);
}

static void judge_acme(const struct acme_list *list, struct check *check)
{
	const struct acme_certificate *host = NULL;

	for (size_t i = 0; i < list->count && host == NULL; i++)
		if (!list->items[i].own)
			host = &list->items[i];
	check->seen = STR("it is being asked for");
	check->state = DNS_STATE_UNKNOWN;
	if (host != NULL && str_eq(str_of(host->state), STR("valid"))) {
		check->state = DNS_STATE_OK;
		check->seen = host->issuer;
	} else if (host != NULL && str_eq(str_of(host->state), STR("failed"))) {
		check->state = DNS_STATE_FAIL;
		check->seen = host->problem;
		check->advice = STR("fix the problem that the authority reports and try again, or "
		                    "continue: Roost retries by itself; meanwhile clients warn "
		                    "of a self-signed certificate");
	}
}

static enum err check_put(struct api_call *c, struct str mode)
{
	struct looking l = { .a = c->arena };
	struct check check = { .id = "certificate", .title = "Certificate", .seen = mode };
	enum err e = OK;

	if (str_eq(mode, STR("acme")) && (e = store_read(c->admin->store, load, &l)) == OK)
		judge_acme(&l.list, &check);
	if (mode.n == 0)
		check.state = DNS_STATE_UNKNOWN;
	if (e == OK)
		api_check_put(c->out, &check);
	return e;
}

enum err api_setup_certificate_state(struct api_call *c)
{
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	return e == OK ? check_put(c, s.certificate) : e;
}

/* --- choosing ------------------------------------------------------------------------------- */

enum err api_setup_certificate(struct api_call *c)
{
	const struct setting_edit off = { .id = SETTING_acme, .unset = true };
	struct str mode = api_setup_text(c, "mode");
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
		e = api_setup_settings(c, &off, 1, &change);
	else
		e = api_invalid(c, "mode", mode, "acme, files or self");
	if (e != OK)
		return e;
	acme_wake(c->admin->acme); /* also when it was chosen before, and has failed */
	return check_put(c, mode);
}
