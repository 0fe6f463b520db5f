/* tests/unit/jmap/header_property_test.c: properties for header fields (RFC 8621 4.1.3). */
#include "harness/check.h"
#include "protocols/jmap/types/header_property.h"

static void header_properties(void **state)
{
	static const struct {
		const char *name, *field; /* NULL: not valid */
		enum header_form form;
		bool all;
	} rows[] = {
		{ "header:subject", "subject", HEADER_RAW, false },
		{ "header:Resent-To:asAddresses:all", "Resent-To", HEADER_ADDRESSES, true },
		{ "header:X-A:asGroupedAddresses", "X-A", HEADER_GROUPED_ADDRESSES, false },
		{ "header:List-Post:asURLs", "List-Post", HEADER_URLS, false },
		{ "header:X:all", "X", HEADER_RAW, true },
		{ "header:X:asRaw", "X", HEADER_RAW, false },
		{ "header:", NULL, HEADER_RAW, false },
		{ "header::asText", NULL, HEADER_RAW, false },
		{ "header:X:", NULL, HEADER_RAW, false },
		{ "header:X:all:asText", NULL, HEADER_RAW, false },
		{ "header:X:astext", NULL, HEADER_RAW, false },
		{ "header:X:asText:all:all", NULL, HEADER_RAW, false },
		{ "header:Subject:asAddresses", NULL, HEADER_RAW, false },
		{ "header:from:asText", NULL, HEADER_RAW, false },
		{ "header:Received:asDate", NULL, HEADER_RAW, false },
		{ "header:X Y", NULL, HEADER_RAW, false },
		{ "Header:X", NULL, HEADER_RAW, false },
		{ "subject", NULL, HEADER_RAW, false },
	};
	struct header_property p;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool valid = header_property_parse(str_of(rows[i].name), &p);

		assert_true(valid == (rows[i].field != NULL));
		if (!valid)
			continue;
		assert_true(str_eq(p.field, str_of(rows[i].field)));
		assert_true(p.form == rows[i].form && p.all == rows[i].all);
	}
	assert_true(header_convenience_parse(STR("sentAt"), &p) && p.form == HEADER_DATE);
	assert_true(!header_convenience_parse(STR("size"), &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(header_properties) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
