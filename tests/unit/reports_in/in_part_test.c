/* Which parts of a mail are looked at: what senders of reports call theirs, and others theirs. */
#include "harness/check.h"

#include "flow/reports_in/mail.h"
#include "flow/reports_in/reports_in_private.h"
#include "foundation/base/buf.h"

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

static const struct {
	const char *type, *disposition;
	bool may;
} rows[] = {
	{ "application/zip", "", true },
	{ "application/gzip; name=a.xml.gz", "attachment; filename=a.xml.gz", true },
	{ "application/x-zip-compressed", "", true },
	{ "application/x-gzip-compressed", "", true },
	{ "application/gzipped", "", true },
	{ "application/x-gunzip", "", true },
	{ "application/x-compressed", "", true },
	{ "multipart/x-zip", "", true },
	{ "multipart/X-Gzip", "", true },
	{ "text/xml; charset=utf-8", "", true },
	{ "Application/XML", "", true },
	{ "application/json", "", true },
	{ "application/tlsrpt+json", "", true },
	{ "application/octet-stream", "attachment", true },
	{ "application/octet-stream; name=a.GZ", "", true },
	{ "application/octet-stream", "attachment; filename=\"a!b!1!2.json.gz \"", true },
	{ "application/octet-stream", "attachment; filename*=utf-8''a%2Exml", true },
	{ "application/octet-stream; name=\"=?gb2312?B?YS56aXA=?=\"", "attachment", true },
	{ "application/octet-stream; name=a.xml.gz", "attachment; filename=report", true },
	{ "application/binary", "attachment; filename=a.zip", true },
	{ "application/force-download; name=a.zip", "", true },
	{ "text/plain", "attachment; filename=a.xml", true },
	{ "text/plain", "", false },
	{ "text/html; name=a.html", "", false },
	{ "image/png; name=xml", "", false },
	{ "application/octet-stream", "attachment; filename=a.exe", false },
	{ "application/octet-stream", "attachment; filename=gz", false },
	{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "", false },
	{ "application/pdf", "attachment; filename=a.pdf", false },
	{ "application/pkcs7-signature; name=smime.p7s", "attachment", false },
};

static void parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct message m;
		struct buf b;

		buf_init(&b, 4096);
		buf_fmt(&b,
		        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n"
		        "--b\r\nContent-Type: %s\r\nContent-Disposition: %s\r\n"
		        "Content-Transfer-Encoding: base64\r\n\r\nPGE+PC9hPg==\r\n--b--\r\n",
		        rows[i].type, rows[i].disposition);
		message_parse(&a, buf_str(&b), &limits, &m);
		check_at(i, m.n >= 3 && !report_part_may(&m, &m.parts[0], &a));
		check_at(i, !report_part_may(&m, &m.parts[1], &a));
		check_at(i, report_part_may(&m, &m.parts[2], &a) == rows[i].may);
		buf_deinit(&b);
		arena_deinit(&a);
	}
}

/* Some send the report and nothing else. */
static void whole_mails(void **state)
{
	(void)state;
	assert_true(report_mail_may(STR("Content-Type: application/zip\r\n\r\n")));
	assert_true(report_mail_may(STR("Content-Type: multipart/x-zip\r\n\r\n")));
	assert_true(report_mail_may(STR("Content-Type: text/xml\r\n\r\n")));
	assert_false(report_mail_may(STR("Content-Type: text/plain\r\n\r\n")));
	assert_false(report_mail_may(STR("Subject: application/zip\r\n\r\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts),
		cmocka_unit_test(whole_mails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
