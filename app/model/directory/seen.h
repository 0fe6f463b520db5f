/* model/directory/seen.h: a bounded set of recently seen keys. Thread-safe. */
#ifndef DIRECTORY_SEEN_H
#define DIRECTORY_SEEN_H
#include "foundation/base/str.h"

struct seen;

/* Stores each key for life_ms; beyond capacity the oldest is removed. */
struct seen *seen_new(size_t capacity, int64_t life_ms) MUST_USE;
/* NULL is a no-op; clears *s. */
void seen_free(struct seen **s);

/* Store key from now on. A key that exists starts again. */
void seen_put(struct seen *s, struct str key);
/* The same for a key that is not stored; false, without a change, when it is. If several threads
 * pass one key, one gets true. */
bool seen_add(struct seen *s, struct str key) MUST_USE;
/* Was it put less than life_ms ago? */
bool seen_has(struct seen *s, struct str key);

#endif
