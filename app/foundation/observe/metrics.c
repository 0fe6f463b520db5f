/* foundation/observe/metrics.c: see metrics.h. */
#include "foundation/observe/metrics.h"

#include "foundation/base/clock.h"
#include "foundation/observe/history.h"

#include <stdatomic.h>

static _Atomic int64_t values[METRICS];

enum kind { KIND_COUNTER, KIND_GAUGE };

static const struct {
	const char *name;
	enum kind kind;
	const char *labels;
	const char *help;
} rows[] = {
#define METRIC(id, name, kind, labels, help) { name, KIND_##kind, labels, help },
#include "foundation/observe/metrics.def"
#undef METRIC
};

void metric_add(enum metric m, int64_t n)
{
	enum history_what what = history_what_of(m);

	atomic_fetch_add_explicit(&values[m], n, memory_order_relaxed);
	if (what != HISTORY_NONE)
		history_add(what, n, clock_real_ms());
}

void metric_set(enum metric m, int64_t n)
{
	atomic_store_explicit(&values[m], n, memory_order_relaxed);
}

int64_t metric_get(enum metric m)
{
	return atomic_load_explicit(&values[m], memory_order_relaxed);
}

static bool first_of_name(size_t i)
{
	return i == 0 || !str_eq(str_of(rows[i - 1].name), str_of(rows[i].name));
}

void metrics_put(struct buf *out)
{
	for (size_t i = 0; i < METRICS; i++) {
		bool labelled = rows[i].labels[0] != '\0';

		if (first_of_name(i)) {
			buf_fmt(out, "# HELP roost_%s %s\n", rows[i].name, rows[i].help);
			buf_fmt(out, "# TYPE roost_%s %s\n", rows[i].name,
			        rows[i].kind == KIND_COUNTER ? "counter" : "gauge");
		}
		buf_fmt(out, "roost_%s%s%s%s %" PRId64 "\n", rows[i].name, labelled ? "{" : "",
		        rows[i].labels, labelled ? "}" : "", metric_get((enum metric)i));
	}
}
