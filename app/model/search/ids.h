/* model/search/ids.h: a set of email ids, added in ascending order. Sparse: memory depends on the
 * members, not on the ids, which may have large gaps (mail_renew). */
#ifndef SEARCH_IDS_H
#define SEARCH_IDS_H
#include "foundation/base/util.h"

enum { IDS_CHUNK = 1024 }; /* ids in a chunk */

struct ids_chunk {
	uint64_t base; /* a multiple of IDS_CHUNK */
	uint64_t bits[IDS_CHUNK / 64];
};

struct ids {
	struct ids_chunk *chunks; /* ascending, none empty */
	size_t n, cap;
};

/* All-zero is the empty set. */
void ids_deinit(struct ids *s);
/* id is at least as great as all earlier ones. */
void ids_add(struct ids *s, uint64_t id);
bool ids_has(const struct ids *s, uint64_t id);
uint64_t ids_count(const struct ids *s);
/* The least member that is at least from; false when there is none. */
bool ids_next(const struct ids *s, uint64_t from, uint64_t *id);

/* Add the ids of other; keep only ids in other. */
void ids_unite(struct ids *s, const struct ids *other);
void ids_intersect(struct ids *s, const struct ids *other);

#endif
