/* formats/reports/wide.h: conversion of documents with a byte order mark of UTF-16 to UTF-8; others
 * are unchanged. Works on pieces of any size. */
#ifndef REPORTS_WIDE_H
#define REPORTS_WIDE_H
#include "foundation/base/cur.h"

enum { WIRE_WIDE_ROOM = 4096 };

/* All-zero at first. */
struct wire_wide {
	/* private */
	enum wire_wide_order { WIDE_UNKNOWN, WIDE_NONE, WIDE_BE, WIDE_LE } order;
	unsigned char held[2]; /* the first bytes, or half a unit */
	unsigned held_n;
	uint32_t high; /* the first half of a surrogate pair */
};

/* Consume bytes of c and return their text, in UTF-8 for a UTF-16 document: borrowed from c or
 * room. Malformed text becomes U+FFFD. False: c is empty. */
bool wire_wide_next(struct wire_wide *w, struct cur *c, char room[static WIRE_WIDE_ROOM],
                    struct str *out);

#endif
