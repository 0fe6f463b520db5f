/* foundation/observe/history.h: incoming and outgoing mail of the last day, in steps of five
 * minutes.
 *
 * metric_add counts the metrics in the table of history.c here. No timer runs: a step begins with
 * its first count. In memory; history_pack and history_unpack carry it over a restart.
 * Thread-safe. */
#ifndef OBSERVE_HISTORY_H
#define OBSERVE_HISTORY_H
#include "foundation/base/buf.h"
#include "foundation/observe/metrics.h"

enum { HISTORY_STEP_S = 300, HISTORY_STEPS = 288 };

enum history_what {
	HISTORY_NONE,
	HISTORY_IN,      /* messages accepted                 */
	HISTORY_OUT,     /* remote recipients delivered */
	HISTORY_REFUSED, /* recipients and messages           */
	HISTORY_WHATS
};

struct history_point {
	int64_t time_ms; /* start of the step */
	uint64_t counts[HISTORY_WHATS];
};

/* The history that a metric counts into. Pure. */
enum history_what history_what_of(enum metric m);
void history_add(enum history_what what, int64_t n, int64_t now_ms);

/* The steps up to the present one, oldest first, steps without mail too. */
void history_get(int64_t now_ms, struct history_point points[static HISTORY_STEPS]);
/* Since the last midnight, UTC, within the range of history_get. */
void history_today(int64_t now_ms, uint64_t counts[static HISTORY_WHATS]);

/* Write a record, and add a record to the present counts; a malformed one is ignored. */
void history_pack(struct buf *out, int64_t now_ms);
void history_unpack(struct str record);

#endif
