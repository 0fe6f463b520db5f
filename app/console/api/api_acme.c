/* console/api/api_acme.c: how certificates are got from an authority, and the account there. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "console/api/settings/settings_store.h"
#include "foundation/config/live.h"
#include "model/store/store.h"
#include "operations/acme/acme.h"

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
	json_put_str(w, "server", s->dns_update_server);
	json_put_str(w, "key_name", name_of(s->dns_update_key));
	json_close(w);
	json_put_str(w, "hook", s->dns_update_hook);
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

/* --- change --------------------------------------------------------------------------------- */

enum { EDITS_MAX = 16 };

struct change {
	struct api_call *call;
	struct settings after;          /* the present ones with the edits       */
	struct str then_text, now_text; /* what /api/acme answers before and after: no secrets */
	struct setting_edit edits[EDITS_MAX];
	size_t count;
};

static void edit(struct change *h, enum setting_id id, struct str value)
{
	assert(h->count < EDITS_MAX);
	h->edits[h->count++] = (struct setting_edit){ .id = id, .value = value };
}

/* *at: where it is in h->after. */
static void edit_text(struct change *h, struct json from, const char *name, enum setting_id id,
                      struct str *at)
{
	if (json_str(json_get(from, name), at))
		edit(h, id, *at);
}

static void edit_switch(struct change *h, const char *name, enum setting_id id, bool *at)
{
	if (json_bool(json_get(h->call->body, name), at))
		edit(h, id, *at ? STR("on") : STR("off"));
}

/* A name with its secret: both, or an empty name to forget them. */
static enum err edit_pair(struct change *h, struct json from, const char *name, const char *secret,
                          enum setting_id id, struct str *at)
{
	struct str n, s;
	bool has_name = json_str(json_get(from, name), &n);
	bool has_secret = json_str(json_get(from, secret), &s) && s.n != 0;

	if (has_secret && (!has_name || n.n == 0))
		return fail(&h->call->why, ERR_SYNTAX, "%s needs %s with it", secret, name);
	if (!has_name || (n.n != 0 && !has_secret))
		return OK;
	*at = n.n != 0 ? str_fmt(h->call->arena, "%.*s:%.*s", STR_ARG(n), STR_ARG(s)) : STR_EMPTY;
	edit(h, id, *at);
	return OK;
}

static enum err edits_gather(struct change *h)
{
	struct json body = h->call->body, dns = json_get(body, "dns");
	struct settings *s = &h->after;
	enum err e;

	edit_switch(h, "enabled", SETTING_acme, &s->acme);
	edit_switch(h, "rsa", SETTING_acme_rsa, &s->acme_rsa);
	edit_switch(h, "reuse_key", SETTING_acme_reuse_key, &s->acme_reuse_key);
	edit_text(h, body, "email", SETTING_acme_email, &s->acme_email);
	edit_text(h, body, "directory", SETTING_acme_directory, &s->acme_directory);
	edit_text(h, body, "challenge", SETTING_acme_challenge, &s->acme_challenge);
	edit_text(h, body, "names", SETTING_acme_names, &s->acme_names);
	edit_text(h, body, "hook", SETTING_dns_update_hook, &s->dns_update_hook);
	edit_text(h, dns, "server", SETTING_dns_update_server, &s->dns_update_server);
	e = edit_pair(h, json_get(body, "eab"), "id", "key", SETTING_acme_eab, &s->acme_eab);
	return e ? e
	         : edit_pair(h, dns, "key_name", "key_secret", SETTING_dns_update_key,
	                     &s->dns_update_key);
}

/* The response of /api/acme, in the call's arena, without secrets. */
static struct str text_of(struct api_call *c, const struct settings *s)
{
	struct json_writer w;
	struct str text;
	struct buf b;

	buf_init(&b, KIB(64));
	json_writer_init(&w, &b);
	put_acme(&w, s);
	text = str_dup(c->arena, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static enum err note(struct txn *t, void *arg)
{
	const struct change *h = arg;

	return api_audit(t, h->call, "acme.change", STR_EMPTY, h->then_text, h->now_text);
}

enum err api_acme_change(struct api_call *c)
{
	const struct settings *s = settings_ref(c->admin->live);
	struct change h = { .call = c, .after = *s };
	enum err e = edits_gather(&h);

	h.then_text = text_of(c, s);
	h.now_text = text_of(c, &h.after);
	settings_unref(s);
	if (e == OK)
		e = settings_change(c->admin->changes, h.edits, h.count, note, &h, &c->why);
	return e ? e : api_acme(c);
}

/* --- the account ---------------------------------------------------------------------------- */

struct account_call {
	struct api_call *call;
	const struct settings *settings;
	struct acme_account account;
};

static enum err account_load(struct txn *t, void *arg)
{
	struct account_call *a = arg;

	return acme_account(t, a->settings->acme_directory, a->call->arena, &a->account);
}

enum err api_acme_account(struct api_call *c)
{
	struct account_call a = { .call = c, .settings = settings_ref(c->admin->live) };
	enum err e = store_read(c->admin->store, account_load, &a);

	if (e == ERR_MISSING)
		(void)!fail(&c->why, e, "no account at %.*s",
		            STR_ARG(a.settings->acme_directory));
	settings_unref(a.settings);
	if (e)
		return e;
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "directory", a.account.directory);
	json_put_str(c->out, "url", a.account.url);
	json_put_str(c->out, "email", a.account.email);
	json_put_str(c->out, "eab_id", a.account.eab_id);
	json_put_str(c->out, "key", a.account.key);
	json_put_str(c->out, "pending", str_of(a.account.pending));
	json_put_str(c->out, "problem", a.account.problem);
	json_close(c->out);
	return OK;
}

static enum err account_rollover(struct txn *t, void *arg)
{
	const struct account_call *a = arg;
	struct str directory = a->settings->acme_directory;
	enum err e = acme_account_rollover(t, directory);

	return e ? e
	         : api_audit(t, a->call, "acme.account.rollover", directory, STR_EMPTY, STR_EMPTY);
}

static enum err account_end(struct txn *t, void *arg)
{
	const struct account_call *a = arg;
	struct str directory = a->settings->acme_directory;
	enum err e = acme_account_end(t, directory, a->settings->acme);

	return e ? e : api_audit(t, a->call, "acme.account.end", directory, STR_EMPTY, STR_EMPTY);
}

static enum err account_write(struct api_call *c, txn_fn *fn)
{
	struct account_call a = { .call = c, .settings = settings_ref(c->admin->live) };
	enum err e = store_write(c->admin->store, fn, &a, &c->why);

	settings_unref(a.settings);
	if (e == OK)
		acme_wake(c->admin->acme);
	return e;
}

enum err api_acme_account_rollover(struct api_call *c)
{
	return account_write(c, account_rollover);
}

enum err api_acme_account_end(struct api_call *c)
{
	return account_write(c, account_end);
}
