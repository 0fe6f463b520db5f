/* network/tls/sessions.c: see sessions.h. */
#include "network/tls/sessions.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/list.h"
#include "foundation/base/map.h"
#include "foundation/base/mem.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/tlsa.h"
#include "network/tls/trust.h"
#include "network/tls/trust_anchors.h"

#include <pthread.h>
#include <string.h>

struct entry {
	struct list link; /* the newest first */
	uint8_t key[TLS_SESSION_KEY];
	int64_t until_ms;
	struct tls_kept kept;
};

struct tls_sessions {
	pthread_mutex_t lock; /* of all that follows */
	struct map by_key;
	struct list entries;
	size_t max;
};

struct tls_sessions *tls_sessions_open(size_t max)
{
	struct tls_sessions *s = NEW(struct tls_sessions);

	pthread_mutex_init(&s->lock, NULL);
	list_init(&s->entries);
	s->max = max;
	return s;
}

static struct str sessions_key_of(const uint8_t *key)
{
	return str_from((const char *)key, TLS_SESSION_KEY);
}

/* lock is held. */
static void entry_drop(struct tls_sessions *s, struct entry *e)
{
	(void)map_remove(&s->by_key, sessions_key_of(e->key));
	list_remove(&e->link);
	mem_wipe(e, sizeof *e);
	mem_free(e);
}

void tls_sessions_close(struct tls_sessions *s)
{
	if (s == NULL)
		return;
	while (!list_empty(&s->entries))
		entry_drop(s, container_of(s->entries.next, struct entry, link));
	map_deinit(&s->by_key);
	pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

/* --- the key ---------------------------------------------------------------------------- */

static void part(struct hash_sha256 *h, struct str s)
{
	uint64_t n = s.n;

	hash_sha256_update(h, str_from((const char *)&n, sizeof n));
	hash_sha256_update(h, s);
}

static void sessions_bytes(struct hash_sha256 *h, const unsigned char *p, size_t n)
{
	part(h, str_from((const char *)p, n));
}

/* A file of roots is read for each batch of mail, so its contents are compared. */
static void trust_put(struct hash_sha256 *h, const struct trust *trust)
{
	const br_x509_trust_anchor *anchors;
	size_t count = 0;

	if (trust == NULL || trust == &trust_builtin) {
		part(h, trust == NULL ? STR("none") : STR("built in"));
		return;
	}
	anchors = trust_anchors(trust, &count);
	for (size_t i = 0; i < count; i++) {
		const br_x509_pkey *k = &anchors[i].pkey;

		sessions_bytes(h, anchors[i].dn.data, anchors[i].dn.len);
		if (k->key_type == BR_KEYTYPE_RSA)
			sessions_bytes(h, k->key.rsa.n, k->key.rsa.nlen);
		else
			sessions_bytes(h, k->key.ec.q, k->key.ec.qlen);
	}
}

void tls_session_key(const struct tls_client_config *cfg, struct str server_name,
                     uint8_t key[static TLS_SESSION_KEY])
{
	const struct tlsa_set *dane = cfg->dane;
	uint8_t manner[2] = { (uint8_t)cfg->verify, cfg->old_ciphers };
	struct hash_sha256 h;

	hash_sha256_init(&h);
	part(&h, cfg->identity);
	part(&h, server_name);
	sessions_bytes(&h, manner, sizeof manner);
	trust_put(&h, cfg->trust);
	for (size_t i = 0; dane != NULL && i < dane->count; i++) {
		const struct tlsa *t = &dane->items[i];
		uint8_t kind[3] = { t->usage, t->selector, t->matching };

		sessions_bytes(&h, kind, sizeof kind);
		part(&h, t->data);
	}
	part(&h, STR("names"));
	for (size_t i = 0; dane != NULL && i < dane->name_count; i++)
		part(&h, dane->names[i]);
	hash_sha256_final(&h, key);
}

/* --- sessions --------------------------------------------------------------------------- */

bool tls_sessions_get(struct tls_sessions *s, const uint8_t *key, struct tls_kept *out)
{
	struct entry *e;
	bool found;

	pthread_mutex_lock(&s->lock);
	e = map_get(&s->by_key, sessions_key_of(key));
	if (e != NULL && e->until_ms <= clock_mono_ms()) {
		entry_drop(s, e);
		e = NULL;
	}
	found = e != NULL;
	if (found)
		*out = e->kept;
	pthread_mutex_unlock(&s->lock);
	return found;
}

void tls_sessions_put(struct tls_sessions *s, const uint8_t *key, const struct tls_kept *kept)
{
	struct entry *e;

	pthread_mutex_lock(&s->lock);
	e = map_get(&s->by_key, sessions_key_of(key));
	if (e != NULL)
		entry_drop(s, e);
	else if (s->by_key.count >= s->max)
		entry_drop(s, container_of(s->entries.prev, struct entry, link));
	e = NEW(struct entry);
	memcpy(e->key, key, TLS_SESSION_KEY);
	e->until_ms = clock_mono_ms() + TLS_SESSIONS_KEEP_MS;
	e->kept = *kept;
	list_push_front(&s->entries, &e->link);
	(void)map_put(&s->by_key, sessions_key_of(e->key), e);
	pthread_mutex_unlock(&s->lock);
}

void tls_sessions_drop(struct tls_sessions *s, const uint8_t *key)
{
	struct entry *e;

	pthread_mutex_lock(&s->lock);
	e = map_get(&s->by_key, sessions_key_of(key));
	if (e != NULL)
		entry_drop(s, e);
	pthread_mutex_unlock(&s->lock);
}
