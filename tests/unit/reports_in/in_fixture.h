/* tests/unit/reports_in/in_fixture.h: a store with the domain example.org, to which reports
 * come. */
#ifndef UNIT_REPORT_IN_FIXTURE_H
#define UNIT_REPORT_IN_FIXTURE_H
#include "harness/check.h"
#include "harness/temp_store.h"

#include "flow/reports_in/report_intake.h"
#include "flow/reports_in/fsck.h"
#include "flow/reports_in/store.h"
#include "flow/reports_in/view.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "unit/report/samples.h"

enum { DAY_MS = 86400000 };
#define DAY_IN 19676 /* 2023-11-15, of the samples */

struct fixture {
	struct temp_store ts;
	struct settings settings;
	struct live *live;
	struct report_desk_config config;
	struct arena a;
};

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

static inline enum err domain_make(struct txn *t, void *arg)
{
	(void)arg;
	return domain_add(t, STR("example.org"), NULL);
}

static inline void open_all(struct fixture *f)
{
	*f = (struct fixture){ .settings = { .reports_days = 100000 } };
	temp_store_open(&f->ts, STORE_MEMORY);
	f->settings.reports_to = STR("postmaster, Dmarc@example.org");
	f->live = live_of(&f->settings);
	f->config = (struct report_desk_config){ f->ts.store, f->live, &limits };
	assert_int_equal(store_write(f->ts.store, domain_make, NULL, NULL), OK);
}

static inline void close_all(struct fixture *f)
{
	struct fsck_report report = { 0 };

	assert_int_equal(fsck_run(f->ts.store, &report_in_fsck, 1, &report, NULL), OK);
	assert_int_equal(report.findings, 0);
	live_free(&f->live);
	temp_store_remove(&f->ts);
	arena_deinit(&f->a);
}

#define PROVEN "Authentication-Results: mx; dmarc=pass header.from=maker.example\r\n"

struct asking {
	struct fixture *f;
	struct report_in_query query;
	struct report_in_list list;
	struct report_view_query view_query;
	struct report_view view;
	uint64_t id;
};

static inline enum err ask(struct txn *t, void *arg)
{
	struct asking *q = arg;
	enum err e = report_in_find(t, &q->query, &q->f->a, &q->list);

	return e == OK ? report_view_read(t, &q->view_query, &q->f->a, &q->view) : e;
}

/* With an identifier of its own. */
static inline void sample_put(struct buf *b, const char *name, int number)
{
	static const char id[] = "<d:report_id>abc!def<";
	struct str sample = STR(SAMPLE_DENSE);
	size_t at = (size_t)str_find(sample, str_of(id));

	buf_put(b, str_sub(sample, 0, at));
	buf_fmt(b, "<d:report_id>%s-%d<", name, number);
	buf_put(b, str_sub(sample, at + sizeof id - 1, sample.n));
}

#endif
