/* admin/certificates.c: see certificates.h. */
#include "admin/certificates.h"

#include "acme/acme.h"
#include "admin/admin.h"
#include "base/clock.h"
#include "config/settings.h"
#include "net/cert.h"
#include "store/store.h"

struct certificates {
	struct arena *arena;
	struct acme_list list;
};

static enum err load(struct txn *t, void *arg)
{
	struct certificates *c = arg;

	return acme_list(t, c->arena, &c->list);
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
static void put_own(const struct admin *admin, const struct acme_list *list, struct json_writer *w)
{
	bool files = admin->settings->tls_cert.n != 0;
	struct cert *cert = certs_find(admin->certs, STR_EMPTY);
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
	enum err e = store_read(admin->store, load, &c);

	if (e)
		return e;
	put_own(admin, &c.list, w);
	for (size_t i = 0; i < c.list.count; i++)
		put(w, &c.list.items[i], "acme");
	return OK;
}
