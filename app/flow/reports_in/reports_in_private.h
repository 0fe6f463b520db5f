/* flow/reports_in/reports_in_private.h: what the files of this folder share, by file. */
#ifndef REPORTS_IN_PRIVATE_H
#define REPORTS_IN_PRIVATE_H
#include "flow/reports_in/draft.h"
#include "flow/reports_in/store.h"
#include "formats/message/mime.h"

struct arena;
struct txn;

/* --- count.c -------------------------------------------------------------------------------- */

/* Limits how many reports are accepted each day, since anybody can send them. */

/* Count d, whose head is complete but for its id. *how: REPORT_PUT_TAKEN; or
 * REPORT_PUT_FULL or REPORT_PUT_FLOOD if a limit is reached, and it is not counted. */
enum err report_in_count(struct txn *t, const struct report_draft *d,
                         enum report_put *how) MUST_USE;

/* For fsck: is such a row valid? */
bool report_in_count_ok(struct str key, struct str val);

/* --- part.c --------------------------------------------------------------------------------- */

/* The parts of a message that may be reports. */

/* By its type or name; its bytes decide later (unpack.h, draft.h). */
bool report_part_may(const struct message *m, const struct part *p, struct arena *a);

/* --- split.c -------------------------------------------------------------------------------- */

/* Splits a TLS report by domain. It may be about several domains (RFC 8460 4.4) with different
 * administrators: each domain gets a report with its rows only. */

enum { REPORT_PARTS_MAX = REPORT_CLAIMS };

struct report_parts {
	struct report_draft *items[REPORT_PARTS_MAX]; /* each claims one local domain */
	size_t count;
};

/* d is of kind REPORT_TLS and remains; the parts borrow its texts. Rows about foreign
 * domains are omitted, and a remark has their number. No parts: no local domain. Always
 * free the parts. */
enum err report_split(struct txn *t, const struct report_draft *d,
                      struct report_parts *out) MUST_USE;
void report_parts_free(struct report_parts *p);

/* The local domain that name is or lies below; empty: none. Borrows from name. */
enum err report_domain_find(struct txn *t, struct str name, struct str *out) MUST_USE;

#endif
