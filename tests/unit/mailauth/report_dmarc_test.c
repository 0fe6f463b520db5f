/* DMARC aggregate reports (RFC 7489 appendix C): the text, its limits, and that another program
 * reads what went in. */
#include "harness/check.h"

#include "formats/mailauth/report_dmarc.h"

#include <stdio.h>
#include <string.h>

static struct dmarc_record record(const char *text)
{
	struct dmarc_record r;
	struct why why;

	assert_int_equal(dmarc_record_parse(str_of(text), DMARC_SUFFIXES, &r, &why), OK);
	return r;
}

static struct report_dmarc report(const struct dmarc_record *r)
{
	return (struct report_dmarc){ .organization = STR("mx.example"),
		                      .email = STR("postmaster@mx.example"),
		                      .id = STR("2026-11.1"),
		                      .begin_s = 1795392000,
		                      .end_s = 1795478400,
		                      .domain = STR("example.org"),
		                      .record = r };
}

static struct report_dmarc_row row(void)
{
	static const struct report_dmarc_signature signatures[] = {
		{ STR("example.org"), STR("r1"), STR("pass"), STR_EMPTY },
		{ STR("other.example"), STR_EMPTY, STR("broken"), STR("<&\"\x01\xff") },
	};
	struct report_dmarc_row r = { .count = 3,
		                      .disposition = DMARC_POLICY_QUARANTINE,
		                      .by_dkim = true,
		                      .override = REPORT_DMARC_SAMPLED_OUT,
		                      .comment = STR("pct"),
		                      .envelope_to = STR("mx.example"),
		                      .envelope_from = STR_EMPTY,
		                      .header_from = STR("mail.example.org"),
		                      .signatures = signatures,
		                      .count_signatures = COUNT(signatures),
		                      .spf = SPF_SOFTFAIL,
		                      .spf_domain = STR("helo.example"),
		                      .spf_helo = true };

	assert_true(addr_parse_ip(STR("2001:db8::1"), &r.ip));
	r.ip.scope = 3;
	return r;
}

static const char want[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<feedback>\n"
	"  <version>1.0</version>\n"
	"  <report_metadata>\n"
	"    <org_name>mx.example</org_name>\n"
	"    <email>postmaster@mx.example</email>\n"
	"    <report_id>2026-11.1</report_id>\n"
	"    <date_range>\n"
	"      <begin>1795392000</begin>\n"
	"      <end>1795478400</end>\n"
	"    </date_range>\n"
	"  </report_metadata>\n"
	"  <policy_published>\n"
	"    <domain>example.org</domain>\n"
	"    <adkim>r</adkim>\n"
	"    <aspf>s</aspf>\n"
	"    <p>reject</p>\n"
	"    <sp>none</sp>\n"
	"    <pct>50</pct>\n"
	"    <fo>1:d</fo>\n"
	"  </policy_published>\n"
	"  <record>\n"
	"    <row>\n"
	"      <source_ip>2001:db8::1</source_ip>\n"
	"      <count>3</count>\n"
	"      <policy_evaluated>\n"
	"        <disposition>quarantine</disposition>\n"
	"        <dkim>pass</dkim>\n"
	"        <spf>fail</spf>\n"
	"        <reason>\n"
	"          <type>sampled_out</type>\n"
	"          <comment>pct</comment>\n"
	"        </reason>\n"
	"      </policy_evaluated>\n"
	"    </row>\n"
	"    <identifiers>\n"
	"      <envelope_to>mx.example</envelope_to>\n"
	"      <envelope_from></envelope_from>\n"
	"      <header_from>mail.example.org</header_from>\n"
	"    </identifiers>\n"
	"    <auth_results>\n"
	"      <dkim>\n"
	"        <domain>example.org</domain>\n"
	"        <selector>r1</selector>\n"
	"        <result>pass</result>\n"
	"      </dkim>\n"
	"      <dkim>\n"
	"        <domain>other.example</domain>\n"
	"        <result>none</result>\n"
	"        <human_result>&lt;&amp;&quot;\xef\xbf\xbd\xef\xbf\xbd</human_result>\n"
	"      </dkim>\n"
	"      <spf>\n"
	"        <domain>helo.example</domain>\n"
	"        <scope>helo</scope>\n"
	"        <result>softfail</result>\n"
	"      </spf>\n"
	"    </auth_results>\n"
	"  </record>\n"
	"</feedback>\n";

static void test_text(void **state)
{
	struct dmarc_record published = record("v=DMARC1; p=reject; sp=none; aspf=s; pct=50; "
	                                       "fo=d:1");
	struct report_dmarc about = report(&published);
	struct report_dmarc_row r = row();
	struct buf out;

	(void)state;
	buf_init(&out, KIB(64));
	assert_true(report_dmarc_begin(&out, &about));
	assert_true(report_dmarc_row(&out, &r));
	report_dmarc_end(&out);
	assert_true(buf_ok(&out));
	check_str(buf_str(&out), str_of(want));
	buf_deinit(&out);
}

/* At each size the report is whole, and as long as it may be. */
static void test_limits(void **state)
{
	struct dmarc_record published = record("v=DMARC1; p=none");
	struct report_dmarc about = report(&published);
	struct report_dmarc_row r = row();
	size_t head, one;
	struct buf out;

	(void)state;
	buf_init(&out, KIB(64));
	assert_true(report_dmarc_begin(&out, &about));
	head = out.n;
	assert_true(report_dmarc_row(&out, &r));
	one = out.n - head;
	buf_deinit(&out);
	for (size_t max = 1; max < head + 3 * one; max += 7) {
		size_t rows = 0;

		buf_init(&out, max);
		if (!report_dmarc_begin(&out, &about)) {
			check_at(max, out.n == 0 && max < head + STR("</feedback>\n").n);
			buf_deinit(&out);
			continue;
		}
		while (report_dmarc_row(&out, &r))
			rows++;
		report_dmarc_end(&out);
		check_at(max, buf_ok(&out) && str_ends(buf_str(&out), STR("</feedback>\n")));
		check_at(max, rows == (max - head - STR("</feedback>\n").n) / one);
		buf_deinit(&out);
	}
}

/* The longest row there can be: all texts far too long, and of what takes most room. */
static void test_longest(void **state)
{
	struct report_dmarc_signature s[REPORT_DMARC_SIGNATURES_MAX + 5];
	static char filler[2000];
	struct str text = str_from(filler, sizeof(filler));
	struct report_dmarc_row r = row();
	struct buf out;

	(void)state;
	memset(filler, '"', sizeof(filler));
	for (size_t i = 0; i < COUNT(s); i++)
		s[i] = (struct report_dmarc_signature){ text, text, text, text };
	r.signatures = s;
	r.count_signatures = COUNT(s);
	r.comment = r.envelope_to = r.envelope_from = r.header_from = r.spf_domain = text;
	r.count = UINT64_MAX;
	buf_init(&out, MIB(1));
	assert_true(report_dmarc_row(&out, &r));
	assert_true(out.n <= REPORT_DMARC_ROW_MAX);
	buf_deinit(&out);
}

static void test_mail(void **state)
{
	struct dmarc_record published = record("v=DMARC1; p=none");
	struct report_dmarc about = report(&published);
	struct buf out;

	(void)state;
	buf_init(&out, KIB(1));
	report_dmarc_file_put(&out, &about, STR("mx.example"), true);
	check_str(buf_str(&out),
	          STR("mx.example!example.org!1795392000!1795478400!2026111.xml.gz"));
	buf_reset(&out);
	about.domain = STR("e\r\n/../!x");
	report_dmarc_file_put(&out, &about, STR("mx.example"), false);
	check_str(buf_str(&out), STR("mx.example!e..x!1795392000!1795478400!2026111.xml"));
	buf_reset(&out);
	report_dmarc_subject_put(&out, &about, STR("mx.example"));
	check_str(buf_str(&out), STR("Report Domain: e..x Submitter: mx.example "
	                             "Report-ID: <2026-11.1@mx.example>"));
	buf_deinit(&out);
}

/* Python's XML parser finds what went in, odd bytes among it. */
static void test_read_back(void **state)
{
	static const char command[] =
		"/usr/bin/python3 -c 'import sys, xml.etree.ElementTree as tree\n"
		"root = tree.parse(sys.stdin.buffer).getroot()\n"
		"text = lambda path: [e.text for e in root.findall(path)]\n"
		"assert root.tag == \"feedback\" and text(\"version\") == [\"1.0\"]\n"
		"assert text(\"policy_published/p\") == [\"none\"]\n"
		"assert len(root.findall(\"record\")) == 300\n"
		"words = text(\"record/row/policy_evaluated/reason/comment\")\n"
		"assert len(words) == 300 and words[60] == \"<\" and words[38] == \"&\"\n"
		"assert words[65] == \"A\" and words[1] == words[255] == chr(0xfffd)\n"
		"assert words[299] == \"pct\"\n"
		"assert text(\"record/auth_results/dkim/human_result\")[0][:3] == \"<&\\\"\"'";
	struct dmarc_record published = record("v=DMARC1; p=none");
	struct report_dmarc about = report(&published);
	struct report_dmarc_row r = row();
	struct buf out;
	FILE *pipe;

	(void)state;
	buf_init(&out, MIB(1));
	assert_true(report_dmarc_begin(&out, &about));
	for (unsigned i = 0; i < 300; i++) {
		char byte = (char)i;

		r.comment = i < 256 ? str_from(&byte, 1) : STR("pct");
		assert_true(report_dmarc_row(&out, &r));
	}
	report_dmarc_end(&out);
	pipe = popen(command, "w");
	assert_non_null(pipe);
	assert_int_equal(fwrite(out.p, 1, out.n, pipe), out.n);
	assert_int_equal(pclose(pipe), 0);
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),    cmocka_unit_test(test_limits),
		cmocka_unit_test(test_longest), cmocka_unit_test(test_mail),
		cmocka_unit_test(test_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
