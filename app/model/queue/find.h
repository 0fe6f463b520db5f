/* model/queue/find.h: text that somebody looks for; for this folder only. */
#ifndef QUEUE_FIND_H
#define QUEUE_FIND_H
#include "foundation/base/str.h"

struct arena;

/* As it was typed, or with its domain as A-labels, as addresses have it. */
struct find_text {
	struct str typed, ascii;
};

/* Borrows from typed, or lives in a. */
struct find_text find_text(struct str typed, struct arena *a);
/* Anywhere in it, in any case of ASCII. */
bool find_in(struct str in, const struct find_text *text);

#endif
