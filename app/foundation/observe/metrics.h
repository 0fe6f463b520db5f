/* foundation/observe/metrics.h: counters and gauges, rows of metrics.def. Thread-safe,
 * lock-free. */
#ifndef OBSERVE_METRICS_H
#define OBSERVE_METRICS_H
#include "foundation/base/buf.h"

enum metric {
#define METRIC(id, name, kind, labels, help) METRIC_##id,
#include "foundation/observe/metrics.def"
#undef METRIC
	METRICS
};

void metric_add(enum metric m, int64_t n);
void metric_set(enum metric m, int64_t n);
int64_t metric_get(enum metric m);

/* Append all of them in Prometheus' text exposition format 0.0.4. */
void metrics_put(struct buf *out);

#endif
