/* foundation/observe/history.h: how much mail came and went, in steps of five minutes, for a day.
 *
 * metric_add counts here what the table in history.c names; no timer runs, a step begins with
 * the first count in it. In memory; history_put and history_take carry it over a restart.
 * Thread-safe. */
#ifndef OBSERVE_HISTORY_H
#define OBSERVE_HISTORY_H
#include "foundation/base/buf.h"
#include "foundation/observe/metrics.h"

enum { HISTORY_STEP_S = 300, HISTORY_STEPS = 288 };

enum history_what {
	HISTORY_NONE,
	HISTORY_IN,      /* messages accepted                 */
	HISTORY_OUT,     /* recipients elsewhere that got one */
	HISTORY_REFUSED, /* recipients and messages           */
	HISTORY_WHATS
};

struct history_point {
	int64_t time_ms; /* when the step began */
	uint64_t counts[HISTORY_WHATS];
};

/* What a metric counts as here. Pure. */
enum history_what history_what_of(enum metric m);
void history_add(enum history_what what, int64_t n, int64_t now_ms);

/* The steps up to the present one, oldest first, quiet ones too. */
void history_get(int64_t now_ms, struct history_point points[static HISTORY_STEPS]);
/* Since the last midnight, UTC, but no more than history_get has. */
void history_today(int64_t now_ms, uint64_t counts[static HISTORY_WHATS]);

/* As a record, and back: adds to what is there; a record that will not do is passed over. */
void history_pack(struct buf *out, int64_t now_ms);
void history_unpack(struct str record);

#endif
