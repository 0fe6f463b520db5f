/* flow/reports_out/row.h: the rows of the space dmarc_seen: counts of mail in the name of
 * domains that request reports, until they are reported. For this folder, and for
 * fsck.
 *
 *	day                        -> the day's numbers of domains and rows
 *	day, domain NUL            -> a head: begin, record, totals
 *	day, domain NUL, hash      -> a row: count, and the facts its messages share
 *
 * A day (UTC, since 1970) is big-endian, a domain in normal form. */
#ifndef REPORTS_OUT_ROW_H
#define REPORTS_OUT_ROW_H
#include "formats/mailauth/report_dmarc.h"
#include "model/store/kv.h"

struct arena;

enum { OUT_ROW_HASH = 16, OUT_ROW_KEY_MAX = 4 + 255 + 1 + OUT_ROW_HASH };
#define OUT_DAY_S ((int64_t)86400)

struct str out_day_key(char to[static OUT_ROW_KEY_MAX], uint32_t day);
struct str out_head_key(char to[static OUT_ROW_KEY_MAX], uint32_t day, struct str domain);
/* same: from out_same_put. */
struct str out_row_key(char to[static OUT_ROW_KEY_MAX], uint32_t day, struct str domain,
                       struct str same);

enum out_row_key_kind { OUT_KEY_WRONG, OUT_KEY_DAY, OUT_KEY_HEAD, OUT_KEY_ROW };
/* domain is borrowed from key. */
enum out_row_key_kind out_row_key_parse(struct str key, uint32_t *day, struct str *domain);

struct out_day {
	uint64_t domains, rows;
};
struct out_head {
	int64_t begin_s;
	struct str record; /* the last one seen */
	uint64_t rows, messages;
};

/* Append a row without its count. All texts are cut at REPORT_DMARC_TEXT_MAX, and at most
 * OUT_ROW_SIGNATURES_MAX signatures are kept, without their explanations. */
enum { OUT_ROW_SIGNATURES_MAX = 8, OUT_ROW_SAME_MAX = 16384 };
void out_same_put(struct buf *out, const struct report_dmarc_row *row);

enum err out_day_put(struct txn *t, uint32_t day, const struct out_day *d) MUST_USE;
enum err out_head_put(struct txn *t, uint32_t day, struct str domain,
                      const struct out_head *h) MUST_USE;
enum err out_row_put(struct txn *t, struct str key, struct str same, uint64_t count) MUST_USE;
/* Subtract count. *gone: it became 0 or was unreadable, and the row is removed.
 * ERR_MISSING: there is no such row. */
enum err out_row_less(struct txn *t, struct str key, uint64_t count, bool *gone) MUST_USE;

/* False: it is unreadable. Strings are borrowed, signatures live in a. */
bool out_day_parse(struct str value, struct out_day *out);
bool out_head_parse(struct str value, struct out_head *out);
bool out_row_parse(struct str value, struct arena *a, struct report_dmarc_row *out);

#endif
