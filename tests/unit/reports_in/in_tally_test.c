/* Names in sums: they go with the last report that named them. */
#include "harness/check.h"

#include "flow/reports_in/tally.h"
#include "foundation/base/pack.h"

static const struct str letters[] = {
	STR("a.example"), STR("b.example"), STR("c.example"), STR("d.example"), STR("e.example"),
	STR("f.example"), STR("g.example"), STR("h.example"), STR("i.example"),
};

/* A report that says so much, and names these: "aab" names a twice. */
static struct report_tally said(const char *names)
{
	struct report_tally t = { .n = { 1 } };

	for (; *names != '\0'; names++)
		report_tally_name(&t, REPORT_NAMES_MAKERS, letters[*names - 'a'], 1);
	return t;
}

static void check_names(size_t row, const struct report_tally *t, const char *names)
{
	size_t n = 0;

	for (; names[n] != '\0'; n++)
		check_at(row, n < t->name_count[REPORT_NAMES_MAKERS] &&
		                      str_eq(t->names[REPORT_NAMES_MAKERS][n],
		                             letters[names[n] - 'a']));
	check_at(row, n == t->name_count[REPORT_NAMES_MAKERS]);
}

static void names_go_with_reports(void **state)
{
	static const struct {
		const char *steps[12]; /* "+ab": a report of these comes; "-ab": it goes */
		const char *names;
	} rows[] = {
		{ { "+a", "+b", "-a" }, "b" },
		{ { "+a", "+a", "-a" }, "a" },
		{ { "+ab", "+bc", "-ab" }, "bc" },
		{ { "+aab", "+a", "-aab" }, "a" },
		{ { "+aab", "+a", "-a" }, "ab" },
		{ { "+abcdef", "+g", "-abcdef" }, "" }, /* g was never in the list */
		{ { "+abcdef", "+g", "-g", "-abcdef", "+g" }, "g" },
		/* who found no room is not counted by half: it waits until all such are gone */
		{ { "+a", "+bcdef", "+g", "-a", "+g" }, "bcdef" },
		{ { "+a", "+bcdef", "+g", "-a", "+g", "-g", "-g", "+g" }, "bcdefg" },
		{ { "+abcdefgh", "-abcdefgh", "+h" }, "h" },
		{ { "+a", "+abcdefgh", "-a" }, "abcdef" },
		{ { "+h", "+abcdefgh", "-abcdefgh" }, "h" },
		{ { "+h", "+abcdefgh", "-h" }, "abcde" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct report_tally t = { .n = { 0 } };

		for (const char *const *step = rows[i].steps; *step != NULL; step++) {
			struct report_tally more = said(*step + 1);

			if (**step == '+')
				report_tally_add(&t, &more);
			else
				(void)report_tally_take_off(&t, &more);
		}
		check_names(i, &t, rows[i].names);
	}
}

/* Whatever comes and goes: a name is in the list only while a report that named it is there, and
 * nothing is left when all are gone. */
static void no_name_stays_alone(void **state)
{
	static const char *const reports[] = { "a",  "ab", "bcd",    "aef",       "ghi",
		                               "hh", "ci", "defghi", "abcdefghi", "e" };
	unsigned there[COUNT(reports)] = { 0 }, total = 0;
	struct report_tally t = { .n = { 0 } };
	uint32_t seed = 7;

	(void)state;
	for (int step = 0; step < 20000 || total != 0; step++) {
		size_t which = (seed = seed * 1664525 + 1013904223) >> 16, i;
		struct report_tally more;

		which %= COUNT(reports);
		more = said(reports[which]);
		if (step < 20000 && (seed >> 8) % 2 == 0 && total < 40) {
			report_tally_add(&t, &more);
			there[which]++;
			total++;
		} else if (there[which] != 0) {
			there[which]--;
			total--;
			check_at((size_t)step, report_tally_take_off(&t, &more) == (total != 0));
		}
		for (i = 0; i < t.name_count[REPORT_NAMES_MAKERS]; i++) {
			char letter = t.names[REPORT_NAMES_MAKERS][i].p[0];
			bool named = false;

			for (size_t r = 0; r < COUNT(reports); r++)
				named = named || (there[r] != 0 &&
				                  str_find_byte(str_of(reports[r]), letter) >= 0);
			check_at((size_t)step, named);
		}
	}
	assert_int_equal(t.name_count[REPORT_NAMES_MAKERS], 0);
	assert_int_equal(t.unnamed[REPORT_NAMES_MAKERS], 0);
}

/* Of a row that was written before names were counted, they stay. */
static void rows_before_names_were_counted(void **state)
{
	struct report_tally t, more = said("a");
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	pack_u64(&b, 1);
	for (unsigned i = 0; i < REPORT_NS; i++)
		pack_u64(&b, 5);
	for (unsigned list = 0; list < REPORT_NAMES; list++) {
		pack_u64(&b, 1);
		pack_str(&b, STR("a.example"));
	}
	assert_true(report_tally_parse(buf_str(&b), &t));
	assert_int_equal(t.n[REPORT_N_SPF], 5);
	assert_true(report_tally_take_off(&t, &more));
	check_names(0, &t, "a");
	b.p[0] = 3;
	assert_false(report_tally_parse(buf_str(&b), &t));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_with_reports),
		cmocka_unit_test(no_name_stays_alone),
		cmocka_unit_test(rows_before_names_were_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
