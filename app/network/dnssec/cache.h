/* network/dnssec/cache.h: keys and cuts of zones, stored for their TTL.
 *
 * Thread-safe. At most names_max names; the oldest entry is evicted first. */
#ifndef DNSSEC_CACHE_H
#define DNSSEC_CACHE_H
#include "network/dnssec/key.h"

struct arena;
struct dnssec_cache;

/* The state of a name, as its parent zone states it. */
enum dnssec_cut {
	CUT_SIGNED,   /* a zone, with these keys                      */
	CUT_UNSIGNED, /* a zone that is not signed, nor are names below it */
	CUT_NONE,     /* no zone begins at this name */
	CUT_NO_NAME,  /* no such name, so no zone below it either */
};

struct dnssec_node {
	enum dnssec_cut cut;
	struct dnssec_key *keys; /* CUT_SIGNED */
	size_t key_count;
	int64_t until_s;
};

struct dnssec_cache *dnssec_cache_new(size_t names_max) MUST_USE;
void dnssec_cache_free(struct dnssec_cache *c);
/* Copies into a. False: no entry, or expired at now_s. */
bool dnssec_cache_get(struct dnssec_cache *c, struct str name, int64_t now_s, struct arena *a,
                      struct dnssec_node *out);
/* Copies node. */
void dnssec_cache_put(struct dnssec_cache *c, struct str name, const struct dnssec_node *node);
size_t dnssec_cache_count(struct dnssec_cache *c);

#endif
