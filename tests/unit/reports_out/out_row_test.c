/* Rows of what was counted: written and read again, cut at every length; keys in order. */
#include "unit/reports_out/out_fixture.h"

static void test_rows(void **state)
{
	static const struct report_dmarc_signature signatures[] = {
		{ .domain = STR("a.example"), .selector = STR("s1"), .result = STR("pass") },
		{ .domain = STR("b.example"), .result = STR("fail"), .words = STR("left out") },
	};
	struct report_dmarc_row row = { .disposition = DMARC_POLICY_REJECT,
		                        .by_dkim = true,
		                        .override = REPORT_DMARC_OTHER,
		                        .comment = STR("why \xc3\xa4"),
		                        .envelope_to = STR("to.example"),
		                        .envelope_from = STR(""),
		                        .header_from = STR("from.example"),
		                        .signatures = signatures,
		                        .count_signatures = COUNT(signatures),
		                        .spf = SPF_SOFTFAIL,
		                        .spf_domain = STR("spf.example"),
		                        .spf_helo = true };
	struct report_dmarc_row out;
	struct buf same, value, again;
	struct arena a = { 0 };

	(void)state;
	assert_true(addr_parse_ip(STR("2001:db8::1"), &row.ip));
	buf_init(&same, OUT_ROW_SAME_MAX);
	buf_init(&again, OUT_ROW_SAME_MAX);
	buf_init(&value, OUT_ROW_SAME_MAX + 20);
	out_same_put(&same, &row);
	pack_u64(&value, 1);
	pack_u64(&value, 7);
	buf_put(&value, buf_str(&same));
	assert_true(out_row_parse(buf_str(&value), &a, &out));
	assert_int_equal(out.count, 7);
	assert_true(addr_eq_ip(&out.ip, &row.ip));
	assert_true(out.by_dkim && !out.by_spf && out.spf_helo);
	out_same_put(&again, &out);
	assert_true(str_eq(buf_str(&again), buf_str(&same)));
	for (size_t n = 0; n < value.n; n++)
		check_at(n, !out_row_parse(str_sub(buf_str(&value), 0, n), &a, &out));
	for (size_t n = 0; n < value.n; n++) { /* whatever is wrong in it, nothing breaks */
		value.p[n] ^= 0x7f;
		(void)out_row_parse(buf_str(&value), &a, &out);
		value.p[n] ^= 0x7f;
	}
	buf_deinit(&value);
	buf_deinit(&again);
	buf_deinit(&same);
	arena_deinit(&a);
}

static void test_long_texts_fit(void **state)
{
	static char text[5000];
	struct report_dmarc_signature signatures[100];
	struct str s = { text, sizeof text };
	struct report_dmarc_row row = { .comment = s,
		                        .envelope_to = s,
		                        .envelope_from = s,
		                        .header_from = s,
		                        .spf_domain = s,
		                        .signatures = signatures,
		                        .count_signatures = COUNT(signatures) };
	struct buf b;

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i < COUNT(signatures); i++)
		signatures[i] = (struct report_dmarc_signature){ s, s, s, s };
	buf_init(&b, OUT_ROW_SAME_MAX);
	out_same_put(&b, &row);
	assert_true(buf_ok(&b));
	buf_deinit(&b);
}

static void test_keys(void **state)
{
	char a[OUT_ROW_KEY_MAX], b[OUT_ROW_KEY_MAX], c[OUT_ROW_KEY_MAX], d[OUT_ROW_KEY_MAX];
	const struct str keys[] = { out_day_key(a, 7), out_head_key(b, 7, STR("a.example")),
		                    out_row_key(c, 7, STR("a.example"), STR("x")),
		                    out_head_key(d, 7, STR("a.example.x")) };
	static const enum out_row_key_kind kinds[] = { OUT_KEY_DAY, OUT_KEY_HEAD, OUT_KEY_ROW,
		                                       OUT_KEY_HEAD };
	static const struct str wrong[] = { STR(""), STR("\0\0\0"), STR("\0\0\0\7x"),
		                            STR("\0\0\0\7\0"), STR("\0\0\0\7x\0y") };
	struct str domain;
	uint32_t day;

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		check_at(i, out_row_key_parse(keys[i], &day, &domain) == kinds[i] && day == 7);
		check_at(i, i == 0 || str_cmp(keys[i - 1], keys[i]) < 0);
	}
	assert_true(str_eq(domain, STR("a.example.x")));
	for (size_t i = 0; i < COUNT(wrong); i++)
		check_at(i, out_row_key_parse(wrong[i], &day, &domain) == OUT_KEY_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_long_texts_fit),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
