/* flow/reports_out/row.h: the rows of the space dmarc_seen: what came in the name of domains that
 * want reports, counted until it was reported. For this folder, and for fsck.
 *
 *	day                        -> how many domains and rows the day has
 *	day, domain NUL            -> a head: since when is counted, by which record, how much
 *	day, domain NUL, hash      -> a row: how often, and all that messages have to agree in
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
/* same: what out_same_put has made. */
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
	struct str record; /* the one seen last */
	uint64_t rows, messages;
};

/* Append what a row is but for its count. All texts are cut at REPORT_DMARC_TEXT_MAX, and of
 * signatures only OUT_ROW_SIGNATURES_MAX are kept, without the words for people. */
enum { OUT_ROW_SIGNATURES_MAX = 8, OUT_ROW_SAME_MAX = 16384 };
void out_same_put(struct buf *out, const struct report_dmarc_row *row);

enum err out_day_put(struct txn *t, uint32_t day, const struct out_day *d) MUST_USE;
enum err out_head_put(struct txn *t, uint32_t day, struct str domain,
                      const struct out_head *h) MUST_USE;
enum err out_row_put(struct txn *t, struct str key, struct str same, uint64_t count) MUST_USE;
/* Count so many less. *gone: there are no more, or it cannot be read, and the row is not there any
 * more. ERR_MISSING: there is none. */
enum err out_row_less(struct txn *t, struct str key, uint64_t count, bool *gone) MUST_USE;

/* False: it cannot be read. Strings are borrowed, signatures live in a. */
bool out_day_parse(struct str value, struct out_day *out);
bool out_head_parse(struct str value, struct out_head *out);
bool out_row_parse(struct str value, struct arena *a, struct report_dmarc_row *out);

#endif
