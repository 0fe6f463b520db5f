/* flow/reports_in/rows.h: the stored rows of a report: records, each preceded by its
 * length, in chunks that end between records. */
#ifndef REPORTS_IN_ROWS_H
#define REPORTS_IN_ROWS_H
#include "flow/reports_in/reports_in.h"
#include "formats/reports/arf.h"
#include "formats/reports/dmarc.h"
#include "formats/reports/tls.h"
#include "foundation/base/pack.h"

enum {
	REPORT_IN_CHUNK = 128 << 10, /* a chunk is hardly longer             */
	REPORT_IN_CHUNKS = 24,
	REPORT_IN_BYTES = 2 << 20,   /* of the rows of a report               */
	REPORT_IN_NAME_MAX = 255,    /* bytes of a domain or address in a row */
	REPORT_IN_TEXT_MAX = 400,    /* of text for people                    */
	REPORT_IN_ROW = 1,           /* version of a record                   */
	REPORT_IN_ROW_MAX = 256 << 10,
};

struct report_in_rows {
	struct buf bytes;
	size_t ends[REPORT_IN_CHUNKS]; /* of chunks */
	size_t chunks;
	uint64_t count;
	bool full; /* some did not fit */
};
void report_in_rows_init(struct report_in_rows *r);
void report_in_rows_deinit(struct report_in_rows *r);

/* Add one. False, and full: no room. Texts are cut. */
bool report_in_dmarc_add(struct report_in_rows *r, const struct wire_dmarc_row *row);
bool report_in_tls_add(struct report_in_rows *r, const struct wire_tls_policy *policy);
bool report_in_arf_add(struct report_in_rows *r, const struct wire_arf *arf);

/* The chunk of that number. */
struct str report_in_chunk(const struct report_in_rows *r, size_t i);

/* For the above: add a record; append a name or a text to one. */
bool report_in_row_add(struct report_in_rows *r, const struct buf *record);
void report_in_name_pack(struct buf *b, struct str s);
void report_in_text_pack(struct buf *b, struct str s);

/* --- reading --- */

/* Take the next record of a chunk. False: it was the last, or (*bad) is unreadable. */
bool report_in_row_next(struct cur *chunk, struct str *record, bool *bad);
/* Texts borrow from the record; failures live in a. False: it is unreadable. */
bool report_in_dmarc_read(struct str record, struct wire_dmarc_row *out);
bool report_in_tls_read(struct str record, struct arena *a, struct wire_tls_policy *out);
bool report_in_arf_read(struct str record, struct wire_arf *out);

#endif
