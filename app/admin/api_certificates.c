/* admin/api_certificates.c: certificates, and how they are got from an authority. */
#include "acme/acme.h"
#include "acme/own.h"
#include "admin/admin.h"
#include "admin/api.h"
#include "admin/certificates.h"
#include "admin/settings_store.h"
#include "config/live.h"
#include "store/store.h"

enum err api_certificates(struct api_call *c)
{
	enum err e;

	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	e = certificates_put(c->admin, c->arena, c->out);
	json_close(c->out);
	json_put_null(c->out, "next");
	json_close(c->out);
	return e;
}

static enum err set_due(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	enum err e = acme_set_due(t);

	return e ? e : api_audit(t, c, "certificates.renew", STR_EMPTY, STR_EMPTY, STR_EMPTY);
}

enum err api_certificates_renew(struct api_call *c)
{
	enum err e = store_write(c->admin->store, set_due, c, &c->why);

	if (e == OK)
		acme_wake(c->admin->acme);
	return e;
}

/* --- own ones ------------------------------------------------------------------------------ */

enum err api_certificate_add(struct api_call *c)
{
	struct str chain = STR_EMPTY, key = STR_EMPTY, id;
	enum err e;

	(void)json_str(json_get(c->body, "chain"), &chain);
	(void)json_str(json_get(c->body, "key"), &key);
	e = certificates_own_put(c, chain, key, &id);
	return e ? e : certificates_put_one(c->admin, id, c->arena, c->out);
}

static enum err rm(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str before;
	enum err e = own_cert_describe(t, c->parameter[0], c->arena, &before);

	if (e == OK)
		e = own_cert_rm(t, c->parameter[0]);
	return e ? e : api_audit(t, c, "certificate.remove", c->parameter[0], before, STR_EMPTY);
}

enum err api_certificate_rm(struct api_call *c)
{
	enum err e = store_write(c->admin->store, rm, c, &c->why);

	if (e)
		return e;
	acme_own_changed(c->admin->acme);
	acme_wake(c->admin->acme);
	return OK;
}

/* --- settings of ACME --------------------------------------------------------------------- */

/* The part of "name:secret" that is no secret. */
static struct str name_of(struct str pair)
{
	ptrdiff_t colon = str_rfind_byte(pair, ':');

	return colon > 0 ? str_sub(pair, 0, (size_t)colon) : STR_EMPTY;
}

static void put_acme(struct json_writer *w, const struct settings *s)
{
	json_open(w, NULL, '{');
	json_put_bool(w, "enabled", s->acme);
	json_put_str(w, "email", s->acme_email);
	json_put_str(w, "directory", s->acme_directory);
	json_put_str(w, "challenge", s->acme_challenge);
	json_put_str(w, "names", s->acme_names);
	json_put_str(w, "eab_id", name_of(s->acme_eab));
	json_open(w, "dns", '{');
	json_put_str(w, "server", s->acme_dns_server);
	json_put_str(w, "key_name", name_of(s->acme_dns_key));
	json_close(w);
	json_put_str(w, "hook", s->acme_hook);
	json_put_bool(w, "rsa", s->acme_rsa);
	json_put_bool(w, "reuse_key", s->acme_reuse_key);
	json_close(w);
}

enum err api_acme(struct api_call *c)
{
	const struct settings *s = settings_ref(c->admin->live);

	put_acme(c->out, s);
	settings_unref(s);
	return OK;
}

enum { EDITS_MAX = 16 };

struct change {
	struct api_call *call;
	struct setting_edit edits[EDITS_MAX];
	size_t count;
};

static void edit(struct change *h, enum setting_id id, struct str value)
{
	assert(h->count < EDITS_MAX);
	h->edits[h->count++] = (struct setting_edit){ .id = id, .value = value };
}

static void edit_text(struct change *h, struct json from, const char *name, enum setting_id id)
{
	struct str value;

	if (json_str(json_get(from, name), &value))
		edit(h, id, value);
}

static void edit_switch(struct change *h, const char *name, enum setting_id id)
{
	bool on;

	if (json_bool(json_get(h->call->body, name), &on))
		edit(h, id, on ? STR("on") : STR("off"));
}

/* A name with its secret: both, or an empty name to forget them. */
static enum err edit_pair(struct change *h, struct json from, const char *name, const char *secret,
                          enum setting_id id)
{
	struct str n, s;
	bool has_name = json_str(json_get(from, name), &n);
	bool has_secret = json_str(json_get(from, secret), &s) && s.n != 0;

	if (has_name && n.n == 0)
		edit(h, id, STR_EMPTY);
	else if (has_name && has_secret)
		edit(h, id, str_fmt(h->call->arena, "%.*s:%.*s", STR_ARG(n), STR_ARG(s)));
	else if (has_secret)
		return fail(&h->call->why, ERR_SYNTAX, "%s needs %s with it", secret, name);
	return OK;
}

static enum err edits_gather(struct change *h)
{
	struct json body = h->call->body, dns = json_get(body, "dns");
	enum err e;

	edit_switch(h, "enabled", SETTING_acme);
	edit_switch(h, "rsa", SETTING_acme_rsa);
	edit_switch(h, "reuse_key", SETTING_acme_reuse_key);
	edit_text(h, body, "email", SETTING_acme_email);
	edit_text(h, body, "directory", SETTING_acme_directory);
	edit_text(h, body, "challenge", SETTING_acme_challenge);
	edit_text(h, body, "names", SETTING_acme_names);
	edit_text(h, body, "hook", SETTING_acme_hook);
	edit_text(h, dns, "server", SETTING_acme_dns_server);
	if ((e = edit_pair(h, json_get(body, "eab"), "id", "key", SETTING_acme_eab)))
		return e;
	return edit_pair(h, dns, "key_name", "key_secret", SETTING_acme_dns_key);
}

static enum err note(struct txn *t, void *arg)
{
	const struct change *h = arg;

	return api_audit(t, h->call, "acme.change", STR_EMPTY, STR_EMPTY, STR_EMPTY);
}

enum err api_acme_change(struct api_call *c)
{
	struct change h = { .call = c };
	enum err e = edits_gather(&h);

	if (e == OK)
		e = settings_change(c->admin->changes, h.edits, h.count, note, &h, &c->why);
	return e ? e : api_acme(c);
}
