/* operations/acme/uploaded.c: see uploaded.h. */
#include "operations/acme/uploaded.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/pem.h"
#include "foundation/crypto/x509.h"
#include "foundation/observe/event.h"
#include "foundation/text/date.h"
#include "foundation/text/json.h"
#include "model/store/kv.h"
#include "model/store/store.h"
#include "network/tls/cert.h"

#include <stdlib.h>

enum { RSA_BYTES_MIN = 2048 / 8, ID_BYTES = 8 };

/* --- checks -------------------------------------------------------------------------------- */

static struct str day_of(int64_t at_ms, struct arena *a)
{
	struct str day;
	struct buf b;

	buf_init(&b, 64);
	date_put_iso(&b, at_ms);
	day = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return day;
}

static enum err time_check(const struct x509 *x, size_t place, int64_t now_ms, struct arena *a,
                           struct why *why)
{
	if (now_ms >= x->not_after_ms)
		return fail(why, ERR_SYNTAX, "certificate %zu of the chain ended on %.*s", place,
		            STR_ARG(day_of(x->not_after_ms, a)));
	if (now_ms < x->not_before_ms)
		return fail(why, ERR_SYNTAX, "certificate %zu of the chain begins on %.*s only",
		            place, STR_ARG(day_of(x->not_before_ms, a)));
	return OK;
}

static enum err leaf_check(const struct x509 *leaf, struct why *why)
{
	if (leaf->name_count == 0)
		return fail(why, ERR_SYNTAX, "the certificate carries no host name");
	if (leaf->key_type == KEY_RSA && leaf->key_public.n < RSA_BYTES_MIN)
		return fail(why, ERR_SYNTAX,
		            "an RSA key of %zu bits is too short: use 2048 or more, or ECDSA P-256",
		            leaf->key_public.n * 8);
	return OK;
}

/* --- making --------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The order of names is irrelevant. */
static struct str own_id_of(const struct x509 *leaf, struct arena *a)
{
	struct str *names = arena_array(a, struct str, leaf->name_count);
	uint8_t digest[HASH_BYTES];
	struct buf b;

	for (size_t i = 0; i < leaf->name_count; i++)
		names[i] = leaf->names[i];
	qsort(names, leaf->name_count, sizeof names[0], by_name);
	buf_init(&b, KIB(128));
	buf_put(&b, leaf->key_type == KEY_RSA ? STR("rsa") : STR("ec"));
	for (size_t i = 0; i < leaf->name_count; i++)
		buf_fmt(&b, " %.*s", STR_ARG(names[i]));
	hash_sha256(buf_str(&b), digest);
	buf_deinit(&b);
	buf_init(&b, KIB(1));
	buf_put(&b, STR("own-"));
	for (size_t i = 0; i < ID_BYTES; i++)
		buf_fmt(&b, "%02x", digest[i]);
	names[0] = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return names[0];
}

static struct str chain_write(const struct x509 *chain, size_t count, struct arena *a)
{
	struct str text;
	struct buf b;

	buf_init(&b, PEM_TEXT_MAX);
	for (size_t i = 0; i < count; i++)
		pem_put(&b, STR("CERTIFICATE"), chain[i].der);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static enum err key_take(struct str pem, struct arena *a, struct own_cert *out, struct why *why)
{
	struct key *k;
	enum err e = key_read_pem(pem, &k, why);

	if (e)
		return e;
	out->key_pem = key_write_pem(k, a);
	key_free(k);
	return OK;
}

enum err own_cert_make(struct str chain_pem, struct str key_pem, int64_t now_ms, struct arena *a,
                       struct own_cert *out, struct why *why)
{
	struct x509 *chain;
	size_t count;
	enum err e;

	*out = (struct own_cert){ .added_ms = now_ms };
	if (chain_pem.n > LIMIT_certificate_bytes || key_pem.n > LIMIT_certificate_bytes)
		return fail(why, ERR_LIMIT, "at most %d bytes of chain and of key are taken",
		            LIMIT_certificate_bytes);
	if ((e = cert_check(chain_pem, key_pem, why)) ||
	    (e = x509_read_chain(chain_pem, a, &chain, &count, why)) ||
	    (e = leaf_check(chain, why)) || (e = key_take(key_pem, a, out, why)))
		return e;
	for (size_t i = 0; i < count; i++)
		if ((e = time_check(&chain[i], i + 1, now_ms, a, why)))
			return e;
	out->id = own_id_of(chain, a);
	out->chain_pem = chain_write(chain, count, a);
	return OK;
}

/* --- in the store --------------------------------------------------------------------------- */

static enum err count_others(struct txn *t, struct str but, size_t *n)
{
	struct own_list all;
	struct arena a;
	enum err e;

	arena_init(&a, true);
	e = own_cert_list(t, &a, &all);
	*n = 0;
	for (size_t i = 0; e == OK && i < all.count; i++)
		*n += !str_eq(all.items[i].id, but);
	arena_deinit(&a);
	return e;
}

enum err own_cert_add(struct txn *t, const struct own_cert *own)
{
	size_t n;
	enum err e = count_others(t, own->id, &n);

	if (e == OK && !own->held && (e = own_row_del(t, own->id, true)) == ERR_MISSING)
		e = OK; /* this one is newer */
	if (e)
		return e;
	if (n >= LIMIT_certificates_own)
		return fail(txn_why(t), ERR_LIMIT, "there are %d certificates already",
		            LIMIT_certificates_own);
	return own_row_put(t, own);
}

enum err own_cert_rm(struct txn *t, struct str id)
{
	enum err held = own_row_del(t, id, true), e = own_row_del(t, id, false);

	if (held != ERR_MISSING && e == ERR_MISSING)
		return held;
	return e == ERR_MISSING ? fail(txn_why(t), e, "no certificate of your own is called %.*s",
	                               STR_ARG(id))
	                        : e;
}

static void describe(const struct x509 *leaf, struct arena *a, struct buf *out)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_open(&w, NULL, '{');
	json_open(&w, "names", '[');
	for (size_t i = 0; i < leaf->name_count; i++)
		json_put_str(&w, NULL, leaf->names[i]);
	json_close(&w);
	json_put_str(&w, "issuer", leaf->issuer_cn);
	json_put_str(&w, "key", x509_key_describe(leaf, a));
	json_put_str(&w, "not_after", day_of(leaf->not_after_ms, a));
	json_close(&w);
}

static bool describe_in(const struct own_list *all, struct str id, struct arena *secret,
                        struct buf *out)
{
	struct x509 *leaf;
	size_t count;

	for (size_t i = 0; i < all->count; i++)
		if (str_eq(all->items[i].id, id) &&
		    x509_read_chain(all->items[i].chain_pem, secret, &leaf, &count, NULL) == OK) {
			describe(leaf, secret, out);
			return true;
		}
	return false;
}

/* A held one precedes the one it will replace. */
enum err own_cert_describe(struct txn *t, struct str id, struct arena *a, struct str *out)
{
	struct own_list all, held;
	struct arena secret;
	struct buf b;
	enum err e;

	*out = STR_EMPTY;
	arena_init(&secret, true);
	buf_init(&b, KIB(128));
	if ((e = own_cert_list(t, &secret, &all)) == OK &&
	    (e = own_held_list(t, &secret, &held)) == OK && !describe_in(&held, id, &secret, &b))
		(void)describe_in(&all, id, &secret, &b);
	*out = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	arena_deinit(&secret);
	return e;
}

/* --- use ------------------------------------------------------------------------------------ */

struct showing {
	struct arena *arena;
	struct own_list list;
};

static enum err own_load(struct txn *t, void *arg)
{
	struct showing *s = arg;

	return own_cert_list(t, s->arena, &s->list);
}

static bool own_is_kept(void *arg, struct str id)
{
	const struct own_list *list = arg;

	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].id, id))
			return true;
	return false;
}

enum err own_certs_show(struct store *store, struct certs *certs)
{
	struct arena a;
	struct showing s = { .arena = &a };
	enum err e;

	arena_init(&a, true);
	e = store_read(store, own_load, &s);
	for (size_t i = 0; e == OK && i < s.list.count; i++) {
		const struct own_cert *own = &s.list.items[i];
		struct why why = { "" };

		if (certs_put(certs, own->id, CERT_OWN, own->chain_pem, own->key_pem, &why) != OK)
			event(certificate_failed, STR(""), ev_z(why.text));
	}
	if (e == OK)
		certs_keep(certs, CERT_OWN, own_is_kept, &s.list);
	arena_deinit(&a);
	return e;
}
