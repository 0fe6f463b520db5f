/* operations/acme/own_held.c: uploaded certificates that are held until their keys are
 * known; see uploaded.h. */
#include "model/store/store.h"
#include "network/tls/cert.h"
#include "operations/acme/uploaded.h"

struct held {
	struct arena *a;
	struct own_list list;
	struct own_cert *one;
};

static enum err held_load(struct txn *t, void *arg)
{
	struct held *h = arg;

	return own_held_list(t, h->a, &h->list);
}

/* It may have been removed or replaced meanwhile. */
static enum err let_go(struct txn *t, void *arg)
{
	struct held *h = arg;
	struct own_list now;
	enum err e = own_held_list(t, h->a, &now);

	for (size_t i = 0; e == OK && i < now.count; i++)
		if (str_eq(now.items[i].id, h->one->id) &&
		    str_eq(now.items[i].chain_pem, h->one->chain_pem)) {
			struct own_cert shown = now.items[i];

			shown.held = false;
			return own_cert_add(t, &shown);
		}
	return e;
}

static bool must_wait(const struct own_cert *own, struct certs *certs, const struct own_release *r,
                      struct arena *a)
{
	struct x509 *leaf;
	size_t count;
	bool known;

	if (x509_read_chain(own->chain_pem, a, &leaf, &count, NULL) != OK ||
	    !x509_covers(leaf, r->hostname) || !certs_vouched(certs, r->hostname, false))
		return false;
	return r->published != NULL && r->published(r->arg, leaf->spki, &known) && !known;
}

enum err own_certs_release(struct store *store, struct certs *certs, const struct own_release *r,
                           bool *waiting)
{
	struct arena a;
	struct held h = { .a = &a };
	enum err e;

	*waiting = false;
	arena_init(&a, true);
	e = store_read(store, held_load, &h);
	/* At the start no certificate is in use: load the predecessors first. */
	if (e == OK && h.list.count != 0)
		e = own_certs_show(store, certs);
	for (size_t i = 0; e == OK && i < h.list.count; i++) {
		h.one = &h.list.items[i];
		if (must_wait(h.one, certs, r, &a))
			*waiting = true;
		else
			e = store_write(store, let_go, &h, NULL);
	}
	arena_deinit(&a);
	return e;
}
