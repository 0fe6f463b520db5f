/* Records are brought into a zone, and nothing of others is touched: against a zone of a few rows
 * that refuses and goes away on demand, and with a crash between any two steps. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "base/clock.h"
#include "net/dns.h"
#include "publish/apply.h"
#include "store/fsck.h"
#include "store/kv.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)
enum { ROWS = 12 };

static const struct str part = { "example.org", 11 };

/* The zone, by which DNS answers too. */
static struct fake {
	struct dns_fake_row rows[ROWS + 1];
	size_t count;
	enum err fails;   /* what every change comes to */
	bool crash_after; /* the change is made, and its answer never comes */
	unsigned changes; /* that were asked for */
	struct arena a;
} zone;

static size_t at_name(struct str name, const char *type)
{
	size_t n = 0;

	for (size_t i = 0; i < zone.count; i++)
		n += str_eq(name, str_of(zone.rows[i].name)) &&
		     (type == NULL || strcmp(type, zone.rows[i].type) == 0);
	return n;
}

static struct dns_fake_row *row_find(struct str name, const char *type, struct str data)
{
	for (size_t i = 0; i < zone.count; i++)
		if (str_eq(name, str_of(zone.rows[i].name)) &&
		    strcmp(type, zone.rows[i].type) == 0 && str_eq(data, str_of(zone.rows[i].data)))
			return &zone.rows[i];
	return NULL;
}

static void row_add(const char *name, const char *type, const char *data)
{
	assert_true(zone.count < ROWS);
	zone.rows[zone.count++] = (struct dns_fake_row){ name, type, data };
	zone.rows[zone.count] = (struct dns_fake_row){ NULL, NULL, NULL };
}

static void row_drop(struct dns_fake_row *row)
{
	*row = zone.rows[--zone.count];
	zone.rows[zone.count] = (struct dns_fake_row){ NULL, NULL, NULL };
}

/* As a name server does it (RFC 2136 3). */
static enum err change(void *arg, const struct dns_change *c, struct arena *a, struct why *why)
{
	struct dns_fake_row *old = row_find(c->name, c->type, c->remove);

	(void)arg;
	(void)a;
	zone.changes++;
	if (zone.fails)
		return fail(why, zone.fails, "no");
	if (c->when == CHANGE_IF_UNUSED && at_name(c->name, NULL) != 0)
		return fail(why, ERR_CONFLICT, "it is there");
	if (c->when == CHANGE_IF_ALONE &&
	    (at_name(c->name, c->type) != (c->remove.n != 0) || (c->remove.n != 0 && old == NULL)))
		return fail(why, ERR_CONFLICT, "it is another");
	if (old != NULL)
		row_drop(old);
	if (c->add.n != 0)
		row_add(str_z(&zone.a, c->name), c->type, str_z(&zone.a, c->add));
	return zone.crash_after ? fail(why, ERR_RETRY, "lost") : OK;
}

/* --- a round ------------------------------------------------------------------------------- */

static struct wanted_records wanted;

static void want(enum publish_kind kind, const char *name, const char *data)
{
	wanted.items[wanted.count++] = (struct wanted_record){
		.kind = kind, .name = str_of(name), .type = "TXT", .data = str_of(data)
	};
}

static void round_with(struct temp_store *ts, int64_t passed_ms, bool blind)
{
	struct dns *dns = dns_fake_new(zone.rows, false);
	struct zone_work z = { .store = ts->store,
		               .dns = dns,
		               .change = change,
		               .blind = blind,
		               .kinds = BIT(PUBLISH_KINDS) - 1,
		               .passed_ms = passed_ms,
		               .ttl_s = 60 };
	struct fsck_report report = { .say = NULL };
	struct arena a = { 0 };

	assert_int_equal(records_apply(&z, part, &wanted, &a), OK);
	assert_int_equal(fsck_run(ts->store, &publish_fsck, 1, &report, NULL), OK);
	assert_int_equal(report.findings, 0);
	dns_free(&dns);
	arena_deinit(&a);
}

static void round_do(struct temp_store *ts)
{
	round_with(ts, 0, false);
}

static bool there(const char *name, const char *data)
{
	return row_find(str_of(name), "TXT", str_of(data)) != NULL;
}

static void begin(struct temp_store *ts)
{
	arena_deinit(&zone.a);
	zone = (struct fake){ .count = 0 };
	wanted.count = 0;
	temp_store_open(ts, STORE_MEMORY);
}

/* --- tests --------------------------------------------------------------------------------- */

static void put_replace_and_withdraw(void **state)
{
	struct temp_store ts;

	(void)state;
	begin(&ts);
	want(PUBLISH_DKIM, "k._domainkey.example.org", "v=DKIM1; p=a");
	want(PUBLISH_TLS_RPT, "_smtp._tls.example.org", "v=TLSRPTv1; rua=1");
	round_do(&ts);
	assert_int_equal(zone.count, 2);
	round_do(&ts);
	assert_int_equal(zone.changes, 2); /* no more to do */
	wanted.items[1].data = STR("v=TLSRPTv1; rua=2");
	round_do(&ts);
	assert_true(there("_smtp._tls.example.org", "v=TLSRPTv1; rua=2"));
	assert_int_equal(zone.count, 2);
	assert_int_equal(zone.changes, 3); /* in one step, so that nobody finds none */
	wanted.count = 1;
	round_do(&ts);
	assert_int_equal(zone.count, 1);
	wanted.count = 0;
	round_do(&ts);
	assert_int_equal(zone.count, 0);
	temp_store_remove(&ts);
}

static void others_stay(void **state)
{
	struct temp_store ts;

	(void)state;
	for (int blind = 0; blind < 2; blind++) {
		begin(&ts);
		row_add("_dmarc.example.org", "TXT", "v=DMARC1; p=reject");
		want(PUBLISH_DMARC, "_dmarc.example.org", "v=DMARC1; p=none");
		for (int i = 0; i < 3; i++)
			round_with(&ts, 0, blind);
		assert_int_equal(zone.count, 1);
		assert_true(zone.changes <= 1); /* it is not asked for again and again */
		wanted.count = 0;
		round_with(&ts, 0, blind);
		assert_int_equal(zone.count, 1);

		/* The very same, put there by a person, is a person's too. */
		row_add("_smtp._tls.example.org", "TXT", "v=TLSRPTv1; rua=1");
		want(PUBLISH_TLS_RPT, "_smtp._tls.example.org", "v=TLSRPTv1; rua=1");
		round_with(&ts, 0, blind);
		wanted.count = 0;
		round_with(&ts, 0, blind);
		assert_true(there("_smtp._tls.example.org", "v=TLSRPTv1; rua=1"));

		/* Ours, which somebody changed meanwhile, is his. */
		want(PUBLISH_MTA_STS, "_mta-sts.example.org", "v=STSv1; id=1");
		round_with(&ts, 0, blind);
		row_drop(row_find(STR("_mta-sts.example.org"), "TXT", STR("v=STSv1; id=1")));
		row_add("_mta-sts.example.org", "TXT", "v=STSv1; id=his");
		wanted.items[0].data = STR("v=STSv1; id=2");
		round_with(&ts, 0, blind);
		wanted.count = 0;
		round_with(&ts, 0, blind);
		assert_true(there("_mta-sts.example.org", "v=STSv1; id=his"));
		assert_int_equal(at_name(STR("_mta-sts.example.org"), NULL), 1);
		temp_store_remove(&ts);
	}
}

/* The zone was changed, and nobody came to note it. */
static void a_crash_between(void **state)
{
	struct temp_store ts;

	(void)state;
	begin(&ts);
	want(PUBLISH_MTA_STS, "_mta-sts.example.org", "v=STSv1; id=1");
	zone.crash_after = true;
	round_do(&ts);
	assert_true(there("_mta-sts.example.org", "v=STSv1; id=1"));
	zone.crash_after = false;
	round_do(&ts); /* finds it, and knows it for its own */
	wanted.items[0].data = STR("v=STSv1; id=2");
	zone.crash_after = true;
	round_do(&ts);
	zone.crash_after = false;
	round_do(&ts);
	assert_true(there("_mta-sts.example.org", "v=STSv1; id=2"));
	assert_int_equal(zone.count, 1);
	wanted.count = 0;
	zone.crash_after = true;
	round_do(&ts);
	zone.crash_after = false;
	round_do(&ts);
	assert_int_equal(zone.count, 0);
	round_do(&ts);
	temp_store_remove(&ts);
}

static void away_and_refused(void **state)
{
	struct temp_store ts;

	(void)state;
	begin(&ts);
	want(PUBLISH_DKIM, "a._domainkey.example.org", "v=DKIM1; p=a");
	want(PUBLISH_DKIM, "b._domainkey.example.org", "v=DKIM1; p=b");
	zone.fails = ERR_RETRY;
	round_do(&ts);
	assert_int_equal(zone.changes, 1); /* nobody there: not asked for each */
	zone.fails = OK;
	round_do(&ts);
	assert_int_equal(zone.count, 2);

	want(PUBLISH_DKIM, "c._domainkey.example.org", "v=DKIM1; p=c");
	zone.changes = 0;
	zone.fails = ERR_DENIED;
	for (int i = 0; i < 3; i++)
		round_do(&ts);
	assert_int_equal(zone.changes, 1);
	zone.fails = OK;
	clock_shift_real(3600000);
	round_do(&ts);
	clock_shift_real(-3600000);
	assert_int_equal(zone.count, 3);
	temp_store_remove(&ts);
}

/* RFC 8461 8.3: what ends MTA-STS stays for longer than anybody remembers the policy. */
static void parting(void **state)
{
	struct temp_store ts;

	(void)state;
	begin(&ts);
	want(PUBLISH_MTA_STS, "_mta-sts.example.org", "v=STSv1; id=none");
	wanted.items[0].parting = true;
	round_do(&ts);
	assert_int_equal(zone.count, 0); /* there was none of ours */
	wanted.items[0] = (struct wanted_record){ .kind = PUBLISH_MTA_STS,
		                                  .name = STR("_mta-sts.example.org"),
		                                  .type = "TXT",
		                                  .data = STR("v=STSv1; id=on") };
	round_do(&ts);
	assert_int_equal(zone.count, 1);
	wanted.items[0].data = STR("v=STSv1; id=none");
	wanted.items[0].parting = true;
	round_do(&ts);
	assert_true(there("_mta-sts.example.org", "v=STSv1; id=none"));
	round_do(&ts);
	for (int day = 0; day < 7; day++)
		round_with(&ts, DAY_MS, false);
	assert_int_equal(zone.count, 1);
	round_with(&ts, 2 * DAY_MS, false);
	assert_int_equal(zone.count, 0);
	round_do(&ts);
	assert_int_equal(zone.count, 0);
	temp_store_remove(&ts);
}

static enum err garbage(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, SPACE_PUBLISHED, STR("example.org\0x"), STR("\1"));
}

static void fsck_finds(void **state)
{
	struct fsck_report report = { .say = NULL };
	struct temp_store ts;

	(void)state;
	begin(&ts);
	assert_int_equal(store_write(ts.store, garbage, NULL, NULL), OK);
	assert_int_equal(fsck_run(ts.store, &publish_fsck, 1, &report, NULL), OK);
	assert_int_equal(report.findings, 1);
	temp_store_remove(&ts);
	arena_deinit(&zone.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_replace_and_withdraw),
		cmocka_unit_test(others_stay),
		cmocka_unit_test(a_crash_between),
		cmocka_unit_test(away_and_refused),
		cmocka_unit_test(parting),
		cmocka_unit_test(fsck_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
