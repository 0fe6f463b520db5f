/* tests/unit/remote/fixture.h: a struct remotes with a zone and a policy host of the test's. */
#ifndef UNIT_REMOTE_FIXTURE_H
#define UNIT_REMOTE_FIXTURE_H
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/remote/fsck.h"
#include "model/remote/remote.h"
#include "model/remote/sts_fetch.h"
#include "network/dns/dns.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* What the policy host of example.org gives, and what DNS says of it; both may be changed. */
struct fixture {
	struct temp_store ts;
	struct settings settings;
	struct live *live;
	struct dns *dns;
	struct remotes *remote;
	struct arena a;
	char record[80];
	struct dns_fake_row zone[4];
	unsigned status;
	const char *type, *body;
	enum sts_trouble trouble; /* not FINE: the host is not reached */
	const char *dead; /* hosts of domains that begin so are not reached; NULL: none */
	_Atomic int64_t takes_ms;
	atomic_uint fetches;
};

static void fixture_fetch(void *arg, struct str domain, struct arena *a, struct sts_answer *out)
{
	struct fixture *f = arg;

	atomic_fetch_add(&f->fetches, 1);
	if (atomic_load(&f->takes_ms) != 0)
		clock_sleep_ms(atomic_load(&f->takes_ms));
	if (f->trouble != STS_FINE || (f->dead != NULL && str_starts(domain, str_of(f->dead)))) {
		*out = (struct sts_answer){ .trouble = MAX(f->trouble, STS_FETCH_ERROR) };
		(void)fail(&out->why, ERR_IO, "the test says no");
		return;
	}
	sts_answer_read(f->status, str_of(f->type), str_of(f->body), a, out);
}

static inline void fixture_record(struct fixture *f, const char *text)
{
	snprintf(f->record, sizeof f->record, "%s", text);
}

static inline void fixture_open(struct fixture *f)
{
	struct remotes_config config = { .fetch = fixture_fetch, .fetch_arg = f };

	*f = (struct fixture){ .settings = { .tls_evidence_days = 14 },
		               .status = 200,
		               .type = "text/plain" };
	event_fd_set(-1);
	temp_store_open(&f->ts, STORE_LMDB);
	f->live = live_of(&f->settings);
	f->zone[0] = (struct dns_fake_row){ "_mta-sts.example.org", "TXT", f->record };
	f->zone[1] = (struct dns_fake_row){ "broken.example", "*", "SERVFAIL" };
	f->dns = dns_fake_new(f->zone, false);
	config.store = f->ts.store;
	config.dns = f->dns;
	config.live = f->live;
	assert_int_equal(remotes_open(&config, &f->remote, NULL), OK);
}

static inline uint64_t fixture_fsck(struct fixture *f)
{
	struct fsck_report report = { .say = NULL };

	assert_int_equal(fsck_run(f->ts.store, &remote_fsck, 1, &report, NULL), OK);
	return report.findings;
}

static inline void fixture_close(struct fixture *f)
{
	assert_int_equal(fixture_fsck(f), 0);
	remotes_close(&f->remote);
	dns_free(&f->dns);
	live_free(&f->live);
	temp_store_remove(&f->ts);
	arena_deinit(&f->a);
}

#endif
