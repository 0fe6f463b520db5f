/* foundation/base/block.h: memcpy, memmove and memcmp for the release binary.
 *
 * musl's memcmp looks at one byte at a time and its memcpy begins slowly on x86-64, and what
 * a mail store does all day is to compare keys and to append short strings. The linker is
 * told to take these for the three names, so LMDB and all other libraries gain as well
 * (Makefile, LDFLAGS_release). Tests keep their libc's, which the sanitizers watch, and call
 * these by name. As in C11 7.24, except that any pointer is right when n is 0. */
#ifndef BASE_BLOCK_H
#define BASE_BLOCK_H
#include <stddef.h>

void *block_copy(void *restrict to, const void *restrict from, size_t n);
void *block_move(void *to, const void *from, size_t n); /* they may overlap */
int block_compare(const void *a, const void *b, size_t n);

#endif
