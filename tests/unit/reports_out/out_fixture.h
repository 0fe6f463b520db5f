/* tests/unit/reports_out/out_fixture.h: what sends reports, with a zone of the test's, and a
 * host that keeps what is sent. */
#ifndef UNIT_REPORT_OUT_FIXTURE_H
#define UNIT_REPORT_OUT_FIXTURE_H
#include "harness/check.h"
#include "harness/temp_store.h"

#include "flow/reports_out/fsck.h"
#include "flow/reports_out/reports_out_private.h"
#include "flow/reports_out/seen.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"
#include "network/dns/dns.h"

#include <stdio.h>
#include <string.h>

enum { SENT_MAX = 8 };

struct fixture {
	struct temp_store ts;
	struct settings settings;
	struct live *live;
	struct dns *dns;
	struct arena a;
	struct report_out_config config;
	struct out_seen *seen;
	atomic_bool stop;
	struct report_out_mail sent[SENT_MAX]; /* committed; in a */
	size_t sent_count;
	enum err begin, put; /* what the host says */
	void (*meanwhile)(struct fixture *f); /* a report was made, and is not sent yet */
};

struct fixture_letter {
	struct fixture *f;
	struct report_out_mail mail;
};

static inline enum err fixture_begin(const struct report_out_mail *m, void **made, void *arg,
                                     struct why *why)
{
	struct fixture *f = arg;
	struct fixture_letter *l;

	if (f->begin != OK)
		return fail(why, f->begin, "the test says no");
	if (f->meanwhile != NULL)
		f->meanwhile(f);
	l = NEW(struct fixture_letter);
	l->f = f;
	l->mail.raw = str_dup(&f->a, m->raw);
	l->mail.to = mailaddr_dup(&f->a, &m->to);
	*made = l;
	return OK;
}

static inline enum err fixture_put(struct txn *t, void *made)
{
	(void)t;
	return ((struct fixture_letter *)made)->f->put;
}

static inline void fixture_end(void *made, bool committed)
{
	struct fixture_letter *l = made;

	if (committed && l->f->sent_count < SENT_MAX)
		l->f->sent[l->f->sent_count++] = l->mail;
	mem_free(l);
}

static inline void fixture_open(struct fixture *f, const struct dns_fake_row *zone)
{
	*f = (struct fixture){ .settings = { .hostname = STR("mx.example.org"),
		                             .reports_dmarc = true } };
	event_fd_set(-1);
	temp_store_open(&f->ts, STORE_LMDB);
	f->live = live_of(&f->settings);
	f->dns = dns_fake_new(zone, false);
	f->seen = out_seen_new();
	f->config = (struct report_out_config){ .store = f->ts.store,
		                                .dns = f->dns,
		                                .live = f->live,
		                                .host = { .begin = fixture_begin,
		                                          .put = fixture_put,
		                                          .end = fixture_end,
		                                          .arg = f } };
}

static inline uint64_t fixture_fsck(struct fixture *f)
{
	struct fsck_report report = { .say = NULL };

	assert_int_equal(fsck_run(f->ts.store, &report_out_fsck, 1, &report, NULL), OK);
	return report.findings;
}

static inline void fixture_close(struct fixture *f)
{
	assert_int_equal(fixture_fsck(f), 0);
	out_seen_free(&f->seen);
	dns_free(&f->dns);
	live_free(&f->live);
	temp_store_remove(&f->ts);
	arena_deinit(&f->a);
}

/* A message from this address, of this day. */
static inline void fixture_seen(struct fixture *f, uint32_t day, const char *domain,
                                const char *record, const char *ip)
{
	struct report_dmarc_row row = { .header_from = str_of(domain),
		                        .envelope_from = str_of(domain),
		                        .spf = SPF_PASS,
		                        .spf_domain = str_of(domain),
		                        .by_spf = true };

	assert_true(addr_parse_ip(str_of(ip), &row.ip));
	out_seen_add(f->seen, str_of(domain), str_of(record), &row, day * OUT_DAY_S * 1000);
}

static inline void fixture_flush(struct fixture *f)
{
	assert_int_equal(out_seen_flush(f->seen, f->ts.store, NULL), OK);
}

#endif
