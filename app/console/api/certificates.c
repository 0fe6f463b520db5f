/* console/api/certificates.c: see api_private.h. */
#include "console/api/api_private.h"

#include "console/api/admin.h"
#include "console/api/api.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "model/store/store.h"
#include "network/tls/cert.h"
#include "operations/acme/acme.h"
#include "operations/acme/uploaded.h"
#include "operations/dns_publish/host.h"
#include "operations/dns_publish/publish.h"

struct certificates {
	struct arena *arena;
	bool acme_on;
	struct acme_list list;
};

static enum err load(struct txn *t, void *arg)
{
	struct certificates *c = arg;

	return acme_list(t, c->acme_on, c->arena, &c->list);
}

static enum err read_all(const struct admin *admin, struct certificates *c)
{
	const struct settings *s = settings_ref(admin->live);

	c->acme_on = s->acme;
	settings_unref(s);
	return store_read(admin->store, load, c);
}

static const char *source_of(const struct acme_certificate *c)
{
	return c->own ? "own" : "acme";
}

static void put(struct json_writer *w, const struct acme_certificate *c, const char *source)
{
	json_open(w, NULL, '{');
	json_put_str(w, "id", c->id);
	json_open(w, "names", '[');
	for (size_t i = 0; i < c->name_count; i++)
		json_put_str(w, NULL, c->names[i]);
	json_close(w);
	json_put_str(w, "issuer", c->issuer);
	json_put_str(w, "key", c->key);
	json_put_time(w, "not_before", c->not_before_ms);
	json_put_time(w, "not_after", c->not_after_ms);
	json_put_str(w, "source", str_of(source));
	json_put_str(w, "state", str_of(c->state));
	json_put_time(w, "next_try", c->next_try_ms);
	json_put_str(w, "problem", c->problem);
	json_close(w);
}

/* Is the default certificate one of the list? */
static bool is_listed(const struct acme_list *list, const struct x509 *leaf)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].not_after_ms == leaf->not_after_ms &&
		    str_eq(list->items[i].issuer, leaf->issuer_cn))
			return true;
	return false;
}

/* The default one, when it is no authority's: from files, or self-signed. */
static void put_default(const struct admin *admin, const struct acme_list *list, struct arena *a,
                        struct json_writer *w)
{
	bool files = admin->settings->tls_cert.n != 0;
	struct cert *cert = admin->certs != NULL ? certs_find(admin->certs, STR_EMPTY) : NULL;
	const struct x509 *leaf;
	size_t count;

	if (cert == NULL)
		return;
	leaf = cert_chain(cert, &count);
	if (!is_listed(list, leaf)) {
		struct acme_certificate c = {
			.id = files ? STR("files") : STR("self"),
			.names = leaf->names,
			.name_count = leaf->name_count,
			.issuer = leaf->issuer_cn,
			.key = x509_key_describe(leaf, a),
			.not_before_ms = leaf->not_before_ms,
			.not_after_ms = leaf->not_after_ms,
			.state = leaf->not_after_ms > clock_real_ms() ? "valid" : "expired",
			.problem = STR_EMPTY,
		};

		put(w, &c, files ? "files" : "self");
	}
	cert_unref(cert);
}

enum err certificates_put(const struct admin *admin, struct arena *a, struct json_writer *w)
{
	struct certificates c = { .arena = a };
	enum err e = read_all(admin, &c);

	if (e)
		return e;
	put_default(admin, &c.list, a, w);
	for (size_t i = 0; i < c.list.count; i++)
		put(w, &c.list.items[i], source_of(&c.list.items[i]));
	return OK;
}

enum err certificates_put_one(const struct admin *admin, struct str id, struct arena *a,
                              struct json_writer *w)
{
	struct certificates c = { .arena = a };
	enum err e = read_all(admin, &c);

	for (size_t i = 0; e == OK && i < c.list.count; i++) {
		if (!str_eq(c.list.items[i].id, id))
			continue;
		put(w, &c.list.items[i], source_of(&c.list.items[i]));
		return OK;
	}
	return e ? e : ERR_MISSING;
}

/* --- own ones ------------------------------------------------------------------------------ */

struct adding {
	struct api_call *call;
	struct own_cert cert;
};

static enum err add(struct txn *t, void *arg)
{
	struct adding *a = arg;
	struct str before, after;
	enum err e = own_cert_describe(t, a->cert.id, a->call->arena, &before);

	if (e == OK)
		e = host_tells(t, &a->cert.held);
	if (e == OK)
		e = own_cert_add(t, &a->cert);
	if (e == OK)
		e = own_cert_describe(t, a->cert.id, a->call->arena, &after);
	return e ? e : api_audit(t, a->call, "certificate.add", a->cert.id, before, after);
}

enum err certificates_own_put(struct api_call *c, struct str chain, struct str key, struct str *id)
{
	struct adding adding = { .call = c };
	struct arena secret;
	enum err e;

	arena_init(&secret, true);
	e = own_cert_make(chain, key, clock_real_ms(), &secret, &adding.cert, &c->why);
	if (e == OK)
		e = store_write(c->admin->store, add, &adding, &c->why);
	*id = str_dup(c->arena, adding.cert.id);
	arena_deinit(&secret);
	if (e)
		return e;
	acme_own_changed(c->admin->acme);
	acme_wake(c->admin->acme); /* what it is there for needs no other any more */
	publisher_wake(c->admin->publisher);
	return OK;
}
