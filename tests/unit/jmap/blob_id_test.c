/* tests/unit/jmap/blob_id_test.c: ids of blobs: each blob has one. */
#include "harness/check.h"
#include "protocols/jmap/blobs/blob.h"

static void ids(void **state)
{
	static const char *const valid[] = { "B1-55", "U1-7", "B4294967295-18446744073709551615",
		                             "B1-55-0", "U1-7-3-0-12-9" };
	static const char *const invalid[] = { "",      "B",      "B1",       "B1-",      "B01-5",
		                               "B1-05", "B1-5-",  "B1-5-03",  "C1-5",     "b1-5",
		                               "B1-5x", "B-1-5",  "B1-5-1-1-1-1-1", "B4294967296-1",
		                               "B1-5-4294967295", "B1--5" };
	struct arena a = { 0 };
	struct jmap_blob b;

	(void)state;
	for (size_t i = 0; i < COUNT(valid); i++) {
		assert_true(jmap_blob_parse(str_of(valid[i]), &b));
		assert_string_equal(str_z(&a, jmap_blob_text(&a, &b)), valid[i]);
	}
	for (size_t i = 0; i < COUNT(invalid); i++)
		assert_false(jmap_blob_parse(str_of(invalid[i]), &b));
	assert_true(jmap_blob_parse(STR("U1-7-3-0-12"), &b));
	assert_string_equal(str_z(&a, jmap_blob_of_part(&a, &b, 9)), "U1-7-3-0-12-9");
	assert_true(jmap_blob_parse(STR("U1-7-3-0-12-9"), &b));
	assert_int_equal(jmap_blob_of_part(&a, &b, 1).n, 0);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ids) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
