/* protocols/imap/view.h against a plain array that does the same. */
#include "harness/check.h"

#include "foundation/base/mem.h"
#include "protocols/imap/view.h"

enum { MODEL_MAX = 4000 };

struct model {
	uint32_t uids[MODEL_MAX];
	uint32_t n;
	uint32_t told; /* by view_remove, for the check of the numbers */
};

static uint64_t seed = 1;

/* Repeats itself from run to run, on purpose. */
static uint32_t dice(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static uint32_t model_seq(const struct model *m, uint32_t uid)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (m->uids[i] == uid)
			return i + 1;
	return 0;
}

static void same(const struct view *v, const struct model *m)
{
	uint32_t last = m->n ? m->uids[m->n - 1] : 0, runs = 0;

	assert_int_equal(v->exists, m->n);
	assert_int_equal(view_last(v), last);
	for (uint32_t i = 0; i < m->n; i++) {
		assert_int_equal(view_uid(v, i + 1), m->uids[i]);
		runs += i == 0 || m->uids[i] != m->uids[i - 1] + 1;
	}
	for (uint32_t uid = 1; uid < last + 3; uid++)
		assert_int_equal(view_seq(v, uid), model_seq(m, uid));
	assert_true(v->n >= runs); /* never less than needed, and nearly never more */
}

/* What the client does with an EXPUNGE response. */
static void told(uint32_t seq, void *arg)
{
	struct model *m = arg;

	assert_in_range(seq, 1, m->n);
	for (uint32_t i = seq; i < m->n; i++)
		m->uids[i - 1] = m->uids[i];
	m->n--;
	m->told++;
}

static void some_uids(struct uids *out, uint32_t last)
{
	for (uint32_t lo = 1 + dice(5); lo <= last + 2; lo += 1 + dice(9)) {
		uint32_t hi = lo + (dice(3) ? 0 : dice(6));

		uids_add(out, lo, hi);
		lo = hi + 1;
	}
}

static void test_model(void **state)
{
	(void)state;
	for (int round = 0; round < 60; round++) {
		struct model m = { .n = 0 };
		struct view v;
		uint32_t uid = 0;

		view_init(&v, 0, 1);
		assert_true(v.known);
		for (int step = 0; step < 12; step++) {
			if (dice(3)) {
				uint32_t lo = uid + 1 + dice(4), hi = lo + dice(20);

				view_add(&v, lo, hi);
				for (uid = lo; uid <= hi; uid++)
					m.uids[m.n++] = uid;
				uid = hi;
			} else {
				struct uids gone = { 0 };
				uint32_t before = m.n;

				some_uids(&gone, uid);
				m.told = 0;
				view_remove(&v, &gone, told, &m);
				assert_int_equal(before - m.told, m.n);
				for (size_t i = 0; i < gone.n; i++)
					assert_int_equal(model_seq(&m, gone.ranges[i].lo), 0);
				uids_deinit(&gone);
			}
			same(&v, &m);
		}
		view_deinit(&v);
		view_deinit(&v);
	}
}

static void test_select(void **state)
{
	static const struct {
		uint32_t lo, hi;
		bool by_uid, ok;
		uint32_t count, first;
	} rows[] = {
		/* the view: UIDs 3 4 5 9 12 */
		{ 1, 2, false, true, 2, 3 },
		{ 4, IMAP_SEQ_STAR, false, true, 2, 9 },
		{ 5, 6, false, false, 0, 0 },
		{ 9, IMAP_SEQ_STAR, false, false, 0, 0 },
		{ 1, 4, true, true, 2, 3 },
		{ 6, 8, true, true, 0, 0 },
		{ 13, IMAP_SEQ_STAR, true, true, 1, 12 }, /* RFC 9051 6.4.9 */
		{ 1, UINT32_MAX, true, true, 5, 3 },
		{ UINT32_MAX, UINT32_MAX, true, true, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct imap_seq_range range = { rows[i].lo, rows[i].hi };
		struct imap_seq set = { .ranges = &range, .n = 1 };
		struct uids out = { 0 };
		struct view v;

		view_init(&v, 0, 13);
		view_add(&v, 3, 5);
		view_add(&v, 9, 9);
		view_add(&v, 12, 12);
		check_at(i, view_select(&v, &set, rows[i].by_uid, &out) == rows[i].ok);
		check_at(i, !rows[i].ok || out.count == rows[i].count);
		check_at(i, !out.n || out.ranges[0].lo == rows[i].first);
		uids_deinit(&out);
		view_deinit(&v);
	}
}

/* A mailbox from which nothing was deleted costs one run, and is known without a look. */
static void test_dense(void **state)
{
	struct view v;

	(void)state;
	view_init(&v, 100000, 100001);
	assert_true(v.known);
	assert_int_equal(v.n, 1);
	assert_int_equal(view_uid(&v, 100000), 100000);
	view_deinit(&v);
	view_init(&v, 100000, 100002);
	assert_false(v.known);
	view_grow(&v, 2, 100005);
	assert_int_equal(v.exists, 100002);
	view_deinit(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_dense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
