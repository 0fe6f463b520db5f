/* network/tls/cert.c: one certificate with its key; see cert.h. */
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "network/tls/cert_private.h"

struct cert *cert_ref(struct cert *c)
{
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
	return c;
}

void cert_unref(struct cert *c)
{
	if (c == NULL || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
		return;
	key_free(c->key);
	arena_deinit(&c->arena);
	mem_free(c);
}

const struct x509 *cert_chain(const struct cert *c, size_t *count)
{
	*count = c->count;
	return c->chain;
}

const struct key *cert_key(const struct cert *c)
{
	return c->key;
}

/* Clients build the path from our chain: each certificate must have issued the previous one (RFC
 * 5246 7.4.2). */
static enum err chain_check(const struct cert *c, struct why *why)
{
	for (size_t i = 1; i < c->count; i++)
		if (!str_eq(c->chain[i].subject, c->chain[i - 1].issuer))
			return fail(why, ERR_CONFLICT,
			            "certificate %zu of the chain did not issue certificate %zu; "
			            "the server's own comes first, then its issuer",
			            i + 1, i);
	return OK;
}

enum err cert_make(struct str cert_pem, struct str key_pem, struct cert **out, struct why *why)
{
	struct cert *c = NEW(struct cert);
	enum err e;

	*out = NULL;
	c->refs = 1;
	/* secret, because cert_pem may hold the key too */
	arena_init(&c->arena, true);
	e = x509_read_chain(cert_pem, &c->arena, &c->chain, &c->count, why);
	if (e)
		goto out;
	e = key_read_pem(key_pem, &c->key, why);
	if (e)
		goto out;
	e = x509_check_key(&c->chain[0], c->key, why);
	if (e)
		goto out;
	e = chain_check(c, why);
	if (e)
		goto out;
	*out = c;
	c = NULL;
out:
	cert_unref(c);
	return e;
}

enum err cert_check(struct str cert_pem, struct str key_pem, struct why *why)
{
	struct cert *c;
	enum err e = cert_make(cert_pem, key_pem, &c, why);

	cert_unref(c);
	return e;
}

bool cert_is_rsa(const struct cert *c)
{
	return key_type(c->key) == KEY_RSA;
}

bool cert_in_time(const struct cert *c, int64_t at_ms)
{
	return c->chain[0].not_before_ms <= at_ms && at_ms < c->chain[0].not_after_ms;
}

enum err cert_self_signed_make(struct str hostname, struct arena *a, struct str *cert_pem,
                               struct str *key_pem, struct why *why)
{
	struct key *k = key_new_p256();
	enum err e = x509_self_signed(k, hostname, clock_real_ms(), a, cert_pem, why);

	if (e == OK)
		*key_pem = key_write_pem(k, a);
	key_free(k);
	return e;
}
