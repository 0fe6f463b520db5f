/* What is published, and how old keys become: the settings, and records for a domain. */
#include "harness/check.h"

#include "foundation/config/settings.h"
#include "operations/dns_publish/wanted.h"
#include "operations/doctor/own/own_tlsa.h"

#include <string.h>

static void kinds_and_days(void **state)
{
	static const struct {
		const char *publish, *days, *server;
		bool ok;
		unsigned kinds;
		int days_want;
	} rows[] = {
		{ "dkim,mta-sts", "auto", "192.0.2.1", true,
		  BIT(PUBLISH_DKIM) | BIT(PUBLISH_MTA_STS), 180 },
		{ " dkim , tls-rpt,", "off", "192.0.2.1", true,
		  BIT(PUBLISH_DKIM) | BIT(PUBLISH_TLS_RPT), 0 },
		{ "dmarc", "auto", "192.0.2.1", true, BIT(PUBLISH_DMARC), 0 },
		{ "", "90", "192.0.2.1", true, 0, 90 },
		{ "dkim", "auto", "", true, 0, 0 }, /* DNS cannot be changed */
		{ "dkim", "30", "", true, 0, 30 },
		{ "dkim", "0", "", true, 0, 0 },
		{ "tlsa", "off", "192.0.2.1", true, BIT(PUBLISH_TLSA), 0 },
		{ "spf", "0", "", false, 0, 0 },
		{ "dkim;mta-sts", "0", "", false, 0, 0 },
		{ "", "-1", "", false, 0, 0 },
		{ "", "90d", "", false, 0, 0 },
		{ "", "4000", "", false, 0, 0 },
		{ "", "", "", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct settings s = { .dns_publish = str_of(rows[i].publish),
			                    .dkim_rotate_days = str_of(rows[i].days),
			                    .dns_update_server = str_of(rows[i].server) };
		struct why why = { "" };
		bool ok = publish_check(&s, &why) == OK;

		check_at(i, ok == rows[i].ok);
		check_at(i, ok == (why.text[0] == '\0'));
		if (!ok)
			continue;
		check_at(i, publish_kinds(&s) == rows[i].kinds);
		check_at(i, publish_rotate_ms(&s) == rows[i].days_want * INT64_C(86400000));
	}
}

static const struct wanted_record *find(const struct wanted_records *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (str_eq(all->items[i].name, str_of(name)))
			return &all->items[i];
	return NULL;
}

/* Whatever is chosen: nothing that says where mail goes, or who else may send. */
static void records(void **state)
{
	const struct settings s = { .hostname = STR("mail.example.org"),
		                    .listen_https = STR("*:443"),
		                    .dns_update_server = STR("192.0.2.1"),
		                    .dns_publish = STR("dkim,mta-sts,tls-rpt,dmarc") };
	struct dkim_key keys[] = {
		{ .domain = STR("example.org"), .selector = STR("r1"), .public = STR("abc") },
		{ .domain = STR("example.org"),
		  .selector = STR("r2"),
		  .public = STR("abd"),
		  .state = DKIM_KEY_RETIRED },
	};
	struct dns_domain d = { .name = STR("example.org"),
		                .mta_sts = MTA_STS_TESTING,
		                .keys = { keys, 2 } };
	struct wanted_records all;
	struct arena a = { 0 };
	struct str id;

	(void)state;
	publish_wanted(&d, &s, &a, &all);
	assert_int_equal(all.count, 6);
	assert_non_null(find(&all, "r1._domainkey.example.org"));
	assert_non_null(find(&all, "r2._domainkey.example.org"));
	assert_non_null(find(&all, "_dmarc.example.org"));
	assert_non_null(find(&all, "_smtp._tls.example.org"));
	check_str(find(&all, "mta-sts.example.org")->data, STR("mail.example.org"));
	id = find(&all, "_mta-sts.example.org")->data;
	assert_true(str_starts(id, STR("v=STSv1; id=")));

	d.mta_sts = MTA_STS_NONE;
	publish_wanted(&d, &s, &a, &all);
	assert_true(find(&all, "_mta-sts.example.org")->parting);
	assert_false(str_eq(find(&all, "_mta-sts.example.org")->data, id));
	assert_false(find(&all, "r1._domainkey.example.org")->parting);
	arena_deinit(&a);
}

/* The keys shown and the next ones, each once; none while they are not ours to tell of. */
static void the_host(void **state)
{
	struct settings s = { .hostname = STR("mail.example.org"),
		              .dns_update_server = STR("192.0.2.1"),
		              .dns_publish = STR("tlsa") };
	struct arena a = { 0 };
	struct str next[] = { STR("key one"), STR("key two") };
	struct str digests[] = { tlsa_digest(next[0], &a) };
	struct host_keys keys = { .certified = true,
		                  .shown = digests,
		                  .shown_count = 1,
		                  .next = next,
		                  .next_count = 2 };
	struct wanted_records all;

	(void)state;
	publish_wanted_host(&keys, &s, &a, &all);
	assert_int_equal(all.count, 2);
	check_str(all.items[0].name, STR("_25._tcp.mail.example.org"));
	check_str(all.items[0].data, str_fmt(&a, "3 1 1 %.*s", STR_ARG(digests[0])));
	assert_true(all.items[1].beside && all.items[1].kind == PUBLISH_TLSA);
	keys.certified = false; /* a stopgap */
	publish_wanted_host(&keys, &s, &a, &all);
	assert_int_equal(all.count, 0);
	keys.certified = true;
	s.tls_cert = STR("/etc/cert.pem"); /* which changes by itself */
	publish_wanted_host(&keys, &s, &a, &all);
	assert_int_equal(all.count, 0);
	s.tls_cert = STR_EMPTY;
	s.dns_publish = STR("dkim");
	publish_wanted_host(&keys, &s, &a, &all);
	assert_int_equal(all.count, 0);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_and_days),
		cmocka_unit_test(records),
		cmocka_unit_test(the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
