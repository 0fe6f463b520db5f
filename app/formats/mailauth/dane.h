/* formats/mailauth/dane.h: which TLSA records of a mail server count (RFC 7672 3.1, RFC 7671). */
#ifndef MAILAUTH_DANE_H
#define MAILAUTH_DANE_H
#include "foundation/crypto/tlsa.h"

struct arena;

/* Read a record from its text form, "3 1 1 2bb1..." with hexadecimal digits; data lives in a. */
bool dane_record_parse(struct str text, struct arena *a, struct tlsa *out);

/* Is it one that mail servers can be known by? DANE-TA and DANE-EE only (RFC 7672 3.1.3), with a
 * selector and a matching type that we know, and as much data as those have. */
bool dane_usable(const struct tlsa *t);

/* Keep those that count, in order: the usable ones, and among those of one usage and selector only
 * whole ones and those of the strongest digest (RFC 7671 9). Returns how many they are. */
size_t dane_choose(struct tlsa *items, size_t count);

#endif
