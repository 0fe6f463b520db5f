/* formats/mailauth/dane.h: the usable TLSA records of a mail server (RFC 7672 3.1, RFC 7671). */
#ifndef MAILAUTH_DANE_H
#define MAILAUTH_DANE_H
#include "foundation/crypto/tlsa.h"

struct arena;

/* Read a record from its text form, "3 1 1 2bb1..." with hexadecimal digits; data lives in a. */
bool dane_record_parse(struct str text, struct arena *a, struct tlsa *out);

/* Is the record usable for SMTP? DANE-TA and DANE-EE only (RFC 7672 3.1.3), with a known selector
 * and matching type, and data of the right length. */
bool dane_usable(const struct tlsa *t);

/* Keep the applicable records, in order: the usable ones; of those with one usage and selector,
 * only full ones and those with the strongest digest (RFC 7671 9). Returns their number. */
size_t dane_choose(struct tlsa *items, size_t count);

#endif
