/* foundation/base/block.h: memcpy, memmove and memcmp for the release binary.
 *
 * musl's memcmp compares one byte at a time, and its memcpy starts slowly on x86-64. A mail store
 * mostly compares keys and appends short strings. The linker uses these functions for the three
 * names, so LMDB and all other libraries use them too
 * (Makefile, LDFLAGS_release). Tests keep their libc's, which the sanitizers watch, and call
 * these by name. As in C11 7.24, except that any pointer is right when n is 0. */
#ifndef BASE_BLOCK_H
#define BASE_BLOCK_H
#include <stddef.h>

void *block_copy(void *restrict to, const void *restrict from, size_t n);
void *block_move(void *to, const void *from, size_t n); /* they may overlap */
int block_compare(const void *a, const void *b, size_t n);

#endif
