/* model/queue/find.h: text search in addresses; for this folder only. */
#ifndef QUEUE_FIND_H
#define QUEUE_FIND_H
#include "foundation/base/str.h"

struct arena;

/* The text as typed, and with its domain as A-labels, the form of addresses. */
struct find_text {
	struct str typed, ascii;
};

/* Borrows from typed, or lives in a. */
struct find_text find_text(struct str typed, struct arena *a);
/* Is it anywhere in in? Ignores the case of ASCII. */
bool find_in(struct str in, const struct find_text *text);

#endif
