/* operations/acme/next_key.c: see acme_private.h. */

#include "foundation/crypto/key.h"
#include "foundation/crypto/x509.h"
#include "model/store/store.h"
#include "operations/acme/acme_private.h"
#include "operations/acme/order.h"
#include "operations/acme/uploaded.h"
#include "operations/acme/work.h"

/* Mail servers see only the host's certificates. */
static bool next_key_is_host(struct str id)
{
	return str_eq(id, STR("host")) || str_eq(id, STR("host-rsa"));
}

/* Is this key published, and for long enough? */
static bool is_published(const struct job *j, struct str spki, bool *known)
{
	const struct acme_config *c = j->w->config;

	*known = false;
	return c->published != NULL && next_key_is_host(j->row.id) &&
	       c->published(c->arg, spki, known);
}

/* Empty: not a key of the requested kind. */
static struct str spki_of(struct str pem, bool rsa, struct arena *a)
{
	struct str spki = STR_EMPTY;
	struct key *k;

	if (pem.n == 0 || key_read_pem(pem, &k, NULL) != OK)
		return STR_EMPTY;
	if ((key_type(k) == KEY_RSA) == rsa)
		spki = x509_public_key(k, a);
	key_free(k);
	return spki;
}

struct keeping {
	struct job *job;
	struct str pem;
};

static enum err next_key_load(struct txn *t, void *arg)
{
	struct keeping *k = arg;

	return next_key_row_get(t, k->job->row.id, &k->job->arena, &k->pem);
}

static enum err next_key_save(struct txn *t, void *arg)
{
	struct keeping *k = arg;

	return next_key_row_put(t, k->job->row.id, k->pem);
}

void next_key_choose(struct job *j, struct order *o)
{
	struct keeping k = { .job = j };
	struct str spki;
	bool known;

	if (store_read(j->w->config->store, next_key_load, &k) != OK)
		k.pem = STR_EMPTY;
	spki = spki_of(k.pem, j->row.rsa, &j->arena);
	if (!is_published(j, spki, &known))
		return;
	if (spki.n != 0 && known)
		o->next_key_pem = k.pem;
	else
		o->reuse_key = true;
}

void next_key_ensure(struct job *j)
{
	struct keeping k = { .job = j };
	struct str spki, present;
	struct key *key;
	bool known;

	if (store_read(j->w->config->store, next_key_load, &k) != OK)
		k.pem = STR_EMPTY;
	spki = spki_of(k.pem, j->row.rsa, &j->arena);
	present = spki_of(j->row.key_pem, j->row.rsa, &j->arena);
	if (!is_published(j, spki, &known) || (spki.n != 0 && !str_eq(spki, present)))
		return;
	key = j->row.rsa ? key_new_rsa2048() : key_new_p256();
	k.pem = key_write_pem(key, &j->arena);
	key_free(key);
	if (store_write(j->w->config->store, next_key_save, &k, NULL) != OK)
		(void)0; /* retried in a later round */
}

/* --- keys to publish ------------------------------------------------------------------------ */

static void next_key_add(struct str pem, bool rsa, struct arena *a, struct str *out, size_t *count)
{
	struct str spki = spki_of(pem, rsa, a);

	if (spki.n != 0)
		out[(*count)++] = spki;
}

/* The current keys too: they are unused while an uploaded certificate replaces theirs,
 * and used again when it ends. A damaged row is made again later. */
static enum err of_authority(struct txn *t, struct arena *a, struct arena *secret, struct str *out,
                             size_t *count)
{
	static const char *const ids[] = { "host", "host-rsa" };

	for (size_t i = 0; i < COUNT(ids); i++) {
		struct cert_row row = { .rsa = false };
		struct str pem = STR_EMPTY;
		enum err next = next_key_row_get(t, str_of(ids[i]), secret, &pem);
		enum err now = cert_row_get(t, str_of(ids[i]), secret, &row);

		if (next == ERR_IO || now == ERR_IO)
			return ERR_IO;
		if (next == OK)
			next_key_add(pem, i == 1, a, out, count);
		if (now == OK && row.chain_pem.n != 0)
			next_key_add(row.key_pem, i == 1, a, out, count);
	}
	return OK;
}

static enum err held_back(struct txn *t, struct str hostname, struct arena *a,
                          struct arena *secret, struct str *out, size_t *count)
{
	struct own_list held;
	struct x509 *leaf;
	size_t n;
	enum err e = own_held_list(t, secret, &held);

	for (size_t i = 0; e == OK && i < held.count && *count < ACME_NEXT_KEYS; i++)
		if (x509_read_chain(held.items[i].chain_pem, secret, &leaf, &n, NULL) == OK &&
		    x509_covers(leaf, hostname))
			out[(*count)++] = str_dup(a, leaf->spki);
	return e;
}

enum err acme_next_keys(struct txn *t, struct str hostname, struct arena *a,
                        struct str out[static ACME_NEXT_KEYS], size_t *count)
{
	struct arena secret;
	enum err e;

	*count = 0;
	arena_init(&secret, true);
	e = of_authority(t, a, &secret, out, count);
	if (e == OK)
		e = held_back(t, hostname, a, &secret, out, count);
	arena_deinit(&secret);
	return e;
}
