/* foundation/base/random.h: unpredictable bytes from the kernel. Thread-safe, never fails: a
 * machine without getrandom(2) cannot run Roost and the process ends. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H
#include "foundation/base/str.h"

void random_bytes(void *p, size_t n);
uint64_t random_u64(void);
/* Uniform in [0, below); below must not be 0. */
uint64_t random_below(uint64_t below);
/* n characters of the base32 alphabet a-z2-7 (5 bits each), living in a: for names that
 * must not collide and tokens that must not be guessed. */
struct str random_name(struct arena *a, size_t n);

#endif
