/* DMARC aggregate reports of others: any order, missing parts, name spaces; what is none. */
#include "harness/check.h"

#include "formats/reports/dmarc.h"
#include "foundation/base/buf.h"
#include "unit/report/samples.h"

struct seen {
	struct wire_dmarc w;
	struct arena a;
	struct buf rows; /* a line each */
	size_t count;
};

static void row_note(void *arg, const struct wire_dmarc_row *r)
{
	struct seen *s = arg;

	s->count++;
	buf_fmt(&s->rows, "%.*s %s%" PRIu64 " %d dkim=%d spf=%d %.*s %.*s %.*s", STR_ARG(r->ip),
	        r->counted ? "" : "?", r->count, (int)r->done, r->dkim, r->spf,
	        STR_ARG(r->header_from), STR_ARG(r->envelope_from), STR_ARG(r->envelope_to));
	for (size_t i = 0; i < r->reason_count; i++)
		buf_fmt(&s->rows, " %.*s(%.*s)", STR_ARG(r->reasons[i].type),
		        STR_ARG(r->reasons[i].comment));
	for (size_t i = 0; i < r->dkim_count; i++)
		buf_fmt(&s->rows, " d=%.*s/%.*s:%.*s", STR_ARG(r->dkims[i].domain),
		        STR_ARG(r->dkims[i].selector), STR_ARG(r->dkims[i].result));
	for (size_t i = 0; i < r->spf_count; i++)
		buf_fmt(&s->rows, " s=%.*s:%.*s", STR_ARG(r->spfs[i].domain),
		        STR_ARG(r->spfs[i].result));
	buf_byte(&s->rows, '\n');
}

static enum wire_dmarc_state read_all(struct seen *s, struct str xml, size_t step)
{
	enum wire_dmarc_state state = WIRE_DMARC_MORE;

	*s = (struct seen){ .count = 0 };
	buf_init(&s->rows, 1 << 20);
	wire_dmarc_init(&s->w, &s->a, row_note, s);
	for (size_t at = 0; state == WIRE_DMARC_MORE && at < xml.n; at += step)
		state = wire_dmarc_feed(&s->w, str_sub(xml, at, at + step));
	return state;
}

static void seen_free(struct seen *s)
{
	wire_dmarc_deinit(&s->w);
	arena_deinit(&s->a);
	buf_deinit(&s->rows);
}

static void one_indented(void **state)
{
	static struct seen s;

	(void)state;
	for (size_t step = 1; step < 4000; step = step * 3 + 1) {
		const struct wire_dmarc_report *r = &s.w.report;

		assert_int_equal(read_all(&s, STR(SAMPLE_INDENTED), step), WIRE_DMARC_DONE);
		check_str(r->organization, STR("mailer.example"));
		check_str(r->email, STR("noreply-dmarc@mailer.example"));
		check_str(r->contact, STR("https://mailer.example/a?b=1&c=2"));
		check_str(r->id, STR("1234567890123456789"));
		assert_int_equal(r->begin_s, 1700006400);
		assert_int_equal(r->end_s, 1700092799);
		check_str(r->domain, STR("example.org"));
		check_str(r->p, STR("quarantine"));
		check_str(r->sp, STR("reject"));
		check_str(r->np, STR("reject"));
		check_str(r->aspf, STR("s"));
		check_str(r->pct, STR("50"));
		check_str(buf_str(&s.rows),
		          STR("192.0.2.1 7 0 dkim=1 spf=0 example.org   forwarded(looks so) "
		              "d=example.org/k1:pass d=list.example/:fail s=list.example:pass\n"));
		seen_free(&s);
	}
}

static void one_dense(void **state)
{
	static struct seen s;

	(void)state;
	assert_int_equal(read_all(&s, STR(SAMPLE_DENSE), 11), WIRE_DMARC_DONE);
	check_str(s.w.report.organization, STR("Enterprise & Co"));
	check_str(s.w.report.testing, STR("n"));
	assert_int_equal(s.w.report.begin_s, 1700006400);
	assert_int_equal(s.w.report.error_count, 1);
	check_str(s.w.report.errors[0], STR("DNS was slow"));
	check_str(buf_str(&s.rows),
	          STR("2001:db8::25 2 2 dkim=0 spf=0 sub.example.org spam.example "
	              "outlook.example s=spam.example:softfail\n"));
	seen_free(&s);
}

static void what_is_odd(void **state)
{
	static const struct {
		const char *xml;
		enum wire_dmarc_state state;
		const char *rows;
	} rows[] = {
		{ "<feedback/>", WIRE_DMARC_DONE, "" },
		{ "<feedback><record/></feedback>", WIRE_DMARC_DONE,
		  " ?0 0 dkim=0 spf=0   \n" },
		{ "<feedback><record><row><source_ip>1</source_ip><count>-5</count></row>"
		  "<auth_results><dkim/></auth_results></record></feedback>",
		  WIRE_DMARC_DONE, "1 ?0 0 dkim=0 spf=0    d=/:\n" },
		{ "<feedback><record><row><count>99999999999999999999</count></row></record>"
		  "</feedback>",
		  WIRE_DMARC_DONE, " ?0 0 dkim=0 spf=0   \n" },
		/* a row of another record does not linger */
		{ "<feedback><record><row><count>1</count></row></record><record/></feedback>",
		  WIRE_DMARC_DONE, " 1 0 dkim=0 spf=0   \n ?0 0 dkim=0 spf=0   \n" },
		/* places count, not names alone */
		{ "<feedback><row><count>1</count></row><x><record/></x></feedback>",
		  WIRE_DMARC_DONE, "" },
		{ "<html><body/></html>", WIRE_DMARC_BAD, "" },
		{ "<record/>", WIRE_DMARC_BAD, "" },
		{ "{}", WIRE_DMARC_BAD, "" },
		{ "<!DOCTYPE feedback []><feedback/>", WIRE_DMARC_BAD, "" },
		{ "<feedback><record/>", WIRE_DMARC_MORE, " ?0 0 dkim=0 spf=0   \n" },
		{ "", WIRE_DMARC_MORE, "" },
	};
	static struct seen s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, read_all(&s, str_of(rows[i].xml), 2) == rows[i].state);
		check_str_at(i, buf_str(&s.rows), str_of(rows[i].rows));
		seen_free(&s);
	}
	for (size_t n = 0; n < STR(SAMPLE_DENSE).n; n++) {
		assert_int_equal(read_all(&s, str_sub(STR(SAMPLE_DENSE), 0, n), 64),
		                 WIRE_DMARC_MORE);
		seen_free(&s);
	}
}

static void count_only(void *arg, const struct wire_dmarc_row *row)
{
	size_t *n = arg;

	*n += row->counted && row->dkim_count == WIRE_DMARC_DKIM;
}

/* A report of any length takes the same memory. */
static void long_one(void **state)
{
	static struct wire_dmarc w;
	struct arena a = { 0 };
	size_t n = 0;

	(void)state;
	wire_dmarc_init(&w, &a, count_only, &n);
	(void)wire_dmarc_feed(&w, STR("<feedback>"));
	for (int i = 0; i < 10000; i++) {
		(void)wire_dmarc_feed(&w, STR("<record><row><count>1</count></row><auth_results>"));
		for (int k = 0; k < WIRE_DMARC_DKIM + 5; k++)
			(void)wire_dmarc_feed(&w, STR("<dkim><result>pass</result><result>x"
			                              "</result></dkim>"));
		(void)wire_dmarc_feed(&w, STR("</auth_results></record><report_metadata><error/>"
		                              "<error>no</error><email></email><email>a@b"
		                              "</email></report_metadata>"));
	}
	assert_int_equal(wire_dmarc_feed(&w, STR("</feedback>")), WIRE_DMARC_DONE);
	assert_int_equal(n, 10000);
	assert_in_range(a.used_bytes, 1, 1000);
	assert_in_range(w.row_arena.used_bytes, 1, 1000);
	wire_dmarc_deinit(&w);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_indented),
		cmocka_unit_test(one_dense),
		cmocka_unit_test(what_is_odd),
		cmocka_unit_test(long_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
