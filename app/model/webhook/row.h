/* model/webhook/row.h: the rows of the space WEBHOOK; for this folder only. */
#ifndef WEBHOOK_ROW_H
#define WEBHOOK_ROW_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct txn;

/* The longest delay of a row. */
enum { WEBHOOK_ENDPOINT = 8, WEBHOOK_WAIT_MOST_MS = 3600 * 1000 };

struct webhook_row {
	char endpoint[WEBHOOK_ENDPOINT];
	int64_t due_ms;
	uint64_t id; /* of the event, for this endpoint */
	int64_t created_ms;
	uint32_t attempts;
	struct str body; /* JSON */
};

/* The identifier of an endpoint: part of its URL's hash. */
void webhook_endpoint(char out[static WEBHOOK_ENDPOINT], struct str url);
/* "evt_0123456789abcdef", in a. */
struct str webhook_event_id(struct arena *a, uint64_t id);

/* When it is due; now, if that is further away than the longest delay: the clock was set back. */
int64_t webhook_row_due(const struct webhook_row *row, int64_t now_ms);

/* ERR_LIMIT, with nothing written: its endpoint has LIMIT_webhook_rows. */
enum err webhook_row_add(struct txn *t, const struct webhook_row *row) MUST_USE;
/* The one that is due first, in a. ERR_MISSING: there is none. */
enum err webhook_row_first(struct txn *t, const char endpoint[WEBHOOK_ENDPOINT], struct arena *a,
                           struct webhook_row *out) MUST_USE;
/* Remove it, or delay it until due_ms and count an attempt. ERR_MISSING: it was removed. */
enum err webhook_row_del(struct txn *t, const struct webhook_row *row) MUST_USE;
enum err webhook_row_delay(struct txn *t, const struct webhook_row *row, int64_t due_ms) MUST_USE;

/* Remove up to max of the endpoint's rows that are due first, if they are older than before_ms;
 * *count is the number removed. */
enum err webhook_rows_expire(struct txn *t, const char endpoint[WEBHOOK_ENDPOINT],
                             int64_t before_ms, size_t max, uint64_t *count) MUST_USE;

/* Remove up to max rows of endpoints other than these; *count is the number removed. */
enum err webhook_rows_clear(struct txn *t, const char (*keep)[WEBHOOK_ENDPOINT], size_t keep_count,
                            size_t max, uint64_t *count) MUST_USE;

/* The number of rows of the endpoint. */
enum err webhook_rows_count(struct txn *t, const char endpoint[WEBHOOK_ENDPOINT],
                            uint64_t *count) MUST_USE;

#endif
