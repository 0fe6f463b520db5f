/* model/remote/evidence_row.h: the rows of the space tls_evidence; for this folder only. */
#ifndef REMOTE_EVIDENCE_ROW_H
#define REMOTE_EVIDENCE_ROW_H
#include "model/remote/evidence.h"
#include "model/store/kv.h"

enum { EVIDENCE_KEY_MAX = 4 + 255 };

struct str evidence_key(char to[static EVIDENCE_KEY_MAX], uint32_t day, struct str domain);
/* False: malformed. domain is borrowed. */
bool evidence_key_parse(struct str key, uint32_t *day, struct str *domain);
/* Strings are borrowed from row, lists live in a. False: malformed. */
bool evidence_row_parse(struct str row, struct arena *a, struct tls_day *out);
enum err evidence_row_put(struct txn *t, const struct tls_day *d) MUST_USE;

#endif
