/* Which codings a client accepts, and what the table holds. */
#include "network/http_server/assets.h"

#include "harness/check.h"

static const struct {
	const char *field, *coding;
	bool accepted;
} rows[] = {
	{ "br, gzip", "br", true },
	{ "br, gzip", "gzip", true },
	{ "gzip", "br", false },
	{ "", "br", false },
	{ "GZIP", "gzip", true },
	{ "gzip;q=0.5, br;q=1.0", "br", true },
	{ "br;q=0", "br", false },
	{ "br;q=0.000, gzip", "br", false },
	{ "br; q=0.001", "br", true }, /* RFC 9110 12.4.2: any weight above 0 */
	{ "*", "br", true },
	{ "*;q=0", "br", false },
	{ "*;q=0, br", "br", true }, /* RFC 9110 12.5.3: "*" is what is not named */
	{ "br;q=0, *", "br", false },
	{ "brotli", "br", false },
	{ "gzip br", "br", false }, /* no list */
	{ "gzip;q, br", "br", false },
	{ ",,br", "br", true }, /* RFC 9110 5.6.1: empty elements */
};

static void test_codings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, http_coding_accepted(str_of(rows[i].field), str_of(rows[i].coding)) ==
		                    rows[i].accepted);
}

/* index.html is there and asked about each time; all else it names is kept by its hash. */
static void test_table(void **state)
{
	bool page = false;

	(void)state;
	for (size_t i = 0; i < http_asset_count; i++) {
		const struct http_asset *f = &http_assets[i];

		page = page || str_eq(str_of(f->path), STR("/index.html"));
		check_at(i, f->hashed == str_starts(str_of(f->path), STR("/assets/")));
		check_at(i, f->plain.n != 0 && f->gzip.n < f->plain.n && f->br.n < f->plain.n);
	}
	assert_true(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codings),
		cmocka_unit_test(test_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
