/* tests/unit/filters/fixture.h: a store in which a test runs one transaction after the other. */
#ifndef UNIT_FILTERS_FIXTURE_H
#define UNIT_FILTERS_FIXTURE_H
#include "harness/check.h"
#include "harness/temp_store.h"

#include "model/directory/directory.h"
#include "model/filters/filter.h"
#include "model/filters/fsck.h"
#include "model/filters/memory.h"
#include "model/filters/scripts.h"
#include "model/store/kv.h"

struct fixture {
	struct temp_store ts;
	uint32_t ada, bob;
	struct why why; /* of the last transaction */
};

struct fixture_account {
	const char *address;
	uint32_t *id;
};

static inline enum err fixture_account_add(struct txn *t, void *arg)
{
	const struct fixture_account *f = arg;
	struct account_new new = { .address = str_of(f->address), .password_hash = STR("hash") };

	return account_add(t, &new, f->id, txn_why(t));
}

static inline enum err fixture_domain_add(struct txn *t, void *arg)
{
	return domain_add(t, str_of(arg), txn_why(t));
}

static inline enum err fixture_write(struct fixture *f, txn_fn *fn, void *arg)
{
	f->why.text[0] = '\0';
	return store_write(f->ts.store, fn, arg, &f->why);
}

static inline void fixture_open(struct fixture *f)
{
	struct fixture_account ada = { "ada@example.org", &f->ada };
	struct fixture_account bob = { "bob@example.org", &f->bob };

	temp_store_open(&f->ts, STORE_LMDB);
	assert_int_equal(fixture_write(f, fixture_domain_add, (void *)"example.org"), OK);
	assert_int_equal(fixture_write(f, fixture_account_add, &ada), OK);
	assert_int_equal(fixture_write(f, fixture_account_add, &bob), OK);
}

static inline uint64_t fixture_fsck(struct fixture *f)
{
	struct fsck_report report = { .say = NULL };

	assert_int_equal(fsck_run(f->ts.store, &filters_fsck, 1, &report, NULL), OK);
	return report.findings;
}

static inline void fixture_close(struct fixture *f)
{
	assert_int_equal(fixture_fsck(f), 0);
	temp_store_remove(&f->ts);
}

#endif
