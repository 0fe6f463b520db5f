/* model/directory/seen.h: a bounded memory of things seen lately. Thread-safe. */
#ifndef DIRECTORY_SEEN_H
#define DIRECTORY_SEEN_H
#include "foundation/base/str.h"

struct seen;

/* Remembers each key for life_ms; beyond capacity the oldest goes first. */
struct seen *seen_new(size_t capacity, int64_t life_ms) MUST_USE;
/* NULL is a no-op; clears *s. */
void seen_free(struct seen **s);

/* Remember from now on. A key that is there starts its life anew. */
void seen_put(struct seen *s, struct str key);
/* The same for one that is not there; false, and nothing changes, when it is. Of several threads
 * with one key, one is told true. */
bool seen_add(struct seen *s, struct str key) MUST_USE;
/* Was it put less than life_ms ago? */
bool seen_has(struct seen *s, struct str key);

#endif
