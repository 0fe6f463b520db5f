/* operations/acme/challenge.c: see challenge.h. */
#include "operations/acme/challenge.h"

#include "foundation/base/clock.h"
#include "foundation/base/list.h"
#include "foundation/base/mem.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/key.h"
#include "foundation/crypto/x509.h"
#include "foundation/text/base64url.h"
#include "network/dns/dns.h"
#include "network/tls/cert.h"

#include <pthread.h>

enum { SEEN_MS = 60000, SEEN_POLL_MS = 2000, DNS_MS = 3000, TTL_S = 60 };

struct token {
	struct list link;
	struct str token, authorization; /* owned */
};

struct challenges {
	struct certs *certs;
	pthread_mutex_t lock;
	struct list tokens; /* lock; of struct token */
};

struct challenges *challenges_new(struct certs *certs)
{
	struct challenges *c = NEW(struct challenges);

	c->certs = certs;
	list_init(&c->tokens);
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void token_free(struct token *t)
{
	list_remove(&t->link);
	str_free(&t->token);
	str_free(&t->authorization);
	mem_free(t);
}

void challenges_free(struct challenges **c)
{
	if (*c == NULL)
		return;
	list_each_safe(it, &(*c)->tokens) token_free(container_of(it, struct token, link));
	pthread_mutex_destroy(&(*c)->lock);
	mem_clear(c);
}

/* --- http-01 ------------------------------------------------------------------------------ */

/* Locked. */
static struct token *token_find(const struct challenges *c, struct str token)
{
	list_each(it, &c->tokens)
	{
		struct token *t = container_of(it, struct token, link);

		if (str_eq(t->token, token))
			return t;
	}
	return NULL;
}

bool challenges_http(struct challenges *c, struct str token, struct arena *a, struct str *out)
{
	struct token *t;

	pthread_mutex_lock(&c->lock);
	t = token_find(c, token);
	if (t != NULL)
		*out = str_dup(a, t->authorization);
	pthread_mutex_unlock(&c->lock);
	return t != NULL;
}

static void http_set_token(struct challenges *c, const struct proof *p)
{
	struct token *t = NEW(struct token);

	t->token = str_new(p->token);
	t->authorization = str_new(p->authorization);
	pthread_mutex_lock(&c->lock);
	list_push_back(&c->tokens, &t->link);
	pthread_mutex_unlock(&c->lock);
}

static void http_unset_token(struct challenges *c, const struct proof *p)
{
	struct token *t;

	pthread_mutex_lock(&c->lock);
	t = token_find(c, p->token);
	if (t != NULL)
		token_free(t);
	pthread_mutex_unlock(&c->lock);
}

/* --- tls-alpn-01 -------------------------------------------------------------------------- */

/* The server name of the CA's connection: for an address its reverse name (RFC 8738
 * 6). */
static struct str server_name(struct arena *a, struct str name)
{
	struct addr ip;
	struct buf b;

	if (!addr_parse_ip(name, &ip))
		return name;
	if (ip.family == ADDR_V4)
		return str_fmt(a, "%u.%u.%u.%u.in-addr.arpa", ip.ip[3], ip.ip[2], ip.ip[1],
		               ip.ip[0]);
	buf_init(&b, 128);
	for (int i = 15; i >= 0; i--)
		buf_fmt(&b, "%x.%x.", ip.ip[i] & 15, ip.ip[i] >> 4);
	buf_put(&b, STR("ip6.arpa"));
	name = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return name;
}

static struct x509_alt alt_of(const struct addr *ip, bool is_ip, struct str name)
{
	if (!is_ip)
		return (struct x509_alt){ .s = name };
	return (struct x509_alt){ true,
		                  str_from((const char *)ip->ip, ip->family == ADDR_V4 ? 4 : 16) };
}

static enum err alpn_prove(struct challenges *c, const struct proof *p, struct why *why)
{
	struct key *k = key_new_p256();
	uint8_t digest[HASH_BYTES];
	struct arena a;
	struct addr ip;
	struct str pem;
	enum err e;

	arena_init(&a, true);
	hash_sha256(p->authorization, digest);
	pem = x509_challenge(k, alt_of(&ip, addr_parse_ip(p->name, &ip), p->name), digest,
	                     clock_real_ms(), &a);
	e = certs_challenge_set(c->certs, server_name(&a, p->name), pem, key_write_pem(k, &a), why);
	key_free(k);
	arena_deinit(&a);
	return e;
}

static void alpn_unprove(struct challenges *c, const struct proof *p)
{
	struct arena a = { 0 };

	certs_challenge_remove(c->certs, server_name(&a, p->name));
	arena_deinit(&a);
}

/* --- dns-01 ------------------------------------------------------------------------------- */

static enum err dns_change(const struct challenge_dns *d, struct arena *a, const struct proof *p,
                           bool add, struct str *name, struct str *value, struct why *why)
{
	uint8_t digest[HASH_BYTES];
	struct dns_change change;

	hash_sha256(p->authorization, digest);
	*name = str_fmt(a, "_acme-challenge.%.*s", STR_ARG(p->name));
	*value = base64url_of(a, str_from((char *)digest, sizeof digest));
	change = (struct dns_change){ .name = *name, .type = "TXT", .ttl_s = TTL_S };
	*(add ? &change.add : &change.remove) = *value;
	return zone_change(&d->zone, &change, a, why);
}

static bool is_seen(const struct challenge_dns *d, struct str name, struct str value)
{
	struct arena a = { 0 };
	struct dns_text_list texts;
	bool seen = false;

	if (dns_txt(dns_fresh(d->dns), &a, name, clock_mono_ms() + DNS_MS, &texts) == DNS_OK)
		for (size_t i = 0; i < texts.count; i++)
			seen = seen || str_eq(texts.items[i], value);
	arena_deinit(&a);
	return seen;
}

/* Other name servers of the zone may be slower. If the record does not appear in time,
 * the CA decides. */
static enum err dns_prove(const struct challenge_dns *d, const struct proof *p, struct why *why)
{
	int64_t until_ms = clock_mono_ms() + SEEN_MS;
	struct arena a = { 0 };
	struct str name, value;
	enum err e = dns_change(d, &a, p, true, &name, &value, why);

	while (e == OK && d->dns != NULL && !is_seen(d, name, value) && clock_mono_ms() < until_ms)
		if (!d->io->wait(d->io->arg, SEEN_POLL_MS))
			e = fail(why, ERR_RETRY, "stopped");
	arena_deinit(&a);
	return e;
}

static void dns_unprove(const struct challenge_dns *d, const struct proof *p)
{
	struct arena a = { 0 };
	struct str name, value;

	/* A leftover record is harmless. */
	if (dns_change(d, &a, p, false, &name, &value, NULL) != OK)
		(void)0;
	arena_deinit(&a);
}

/* --- all ---------------------------------------------------------------------------------- */

enum err challenge_prove(struct challenges *c, const struct challenge_dns *d, const struct proof *p,
                         struct why *why)
{
	if (str_eq(p->type, STR("http-01"))) {
		http_set_token(c, p);
		return OK;
	}
	if (str_eq(p->type, STR("tls-alpn-01")))
		return alpn_prove(c, p, why);
	assert(str_eq(p->type, STR("dns-01")));
	return dns_prove(d, p, why);
}

void challenge_unprove(struct challenges *c, const struct challenge_dns *d, const struct proof *p)
{
	if (str_eq(p->type, STR("http-01")))
		http_unset_token(c, p);
	else if (str_eq(p->type, STR("tls-alpn-01")))
		alpn_unprove(c, p);
	else
		dns_unprove(d, p);
}

struct str challenge_choose(const struct settings *s)
{
	if (s->acme_challenge.n != 0)
		return s->acme_challenge;
	return zone_writer_wanted(s) ? STR("dns-01") : STR("http-01");
}
