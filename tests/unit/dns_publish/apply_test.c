/* Records are brought into a zone, and nothing of others is touched: against a zone of a few rows
 * that refuses and goes away on demand, and with a crash between any two steps. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/clock.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "network/dns/dns.h"
#include "operations/dns_publish/apply.h"

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
	unsigned
		crash_at; /* the same, or it is not made, of this change alone; 0: of all or none */
	bool program;     /* it refuses what is there already, or not there */
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
	if (zone.program && (old == NULL) == (c->remove.n != 0))
		return fail(why, ERR_DENIED, "there is none");
	if (zone.program && c->add.n != 0 && row_find(c->name, c->type, c->add) != NULL)
		return fail(why, ERR_DENIED, "it is there");
	if (zone.crash_at != 0 && zone.changes == zone.crash_at && !zone.crash_after)
		return fail(why, ERR_RETRY, "lost");
	if (zone.fails)
		return fail(why, zone.fails, "no");
	if (c->when == CHANGE_IF_UNUSED && at_name(c->name, NULL) != 0)
		return fail(why, ERR_CONFLICT, "it is there");
	if (c->when == CHANGE_IF_ALONE &&
	    (at_name(c->name, c->type) != (c->remove.n != 0) || (c->remove.n != 0 && old == NULL)))
		return fail(why, ERR_CONFLICT, "it is another");
	if (!zone.program && c->when == CHANGE_ANYWAY && c->add.n != 0 &&
	    at_name(c->name, "CNAME") != 0)
		return fail(why, ERR_CONFLICT, "an alias is there");
	if (old != NULL)
		row_drop(old);
	if (c->add.n != 0)
		row_add(str_z(&zone.a, c->name), c->type, str_z(&zone.a, c->add));
	assert_true(at_name(c->name, "CNAME") == 0 || at_name(c->name, NULL) == 1);
	return zone.crash_after && (zone.crash_at == 0 || zone.changes == zone.crash_at)
	               ? fail(why, ERR_RETRY, "lost")
	               : OK;
}

/* Where nothing is, what a wildcard has (RFC 4592 2.2.1). */
static bool is_at(const struct dns_fake_row *row, struct str name)
{
	struct str at = str_of(row->name);

	if (str_starts(at, STR("*.")) && at_name(name, NULL) == 0)
		return str_ends(name, str_sub(at, 1, at.n));
	return str_eq(name, at);
}

static void look(void *arg, struct sight *sights, size_t n, struct arena *a)
{
	bool *blind = arg;

	for (size_t i = 0; i < n && !*blind; i++) {
		struct sight *s = &sights[i];

		s->items = arena_array(a, struct sighted, ROWS);
		s->answered = 2;
		s->all = true;
		for (size_t k = 0; k < zone.count; k++)
			if (is_at(&zone.rows[k], s->name) &&
			    strcmp(s->type, zone.rows[k].type) == 0)
				s->items[s->count++] =
					(struct sighted){ str_of(zone.rows[k].data), 2 };
	}
}

/* --- a round ------------------------------------------------------------------------------- */

static struct wanted_records wanted;

static void want(enum publish_kind kind, const char *name, const char *data)
{
	wanted.items[wanted.count++] = (struct wanted_record){
		.kind = kind, .name = str_of(name), .type = "TXT", .data = str_of(data)
	};
}

static struct turn {
	bool blind, look_again, dark, domain_gone;
	int64_t oldest_ms;
} turn;

static void round_turn(struct temp_store *ts, int64_t passed_ms)
{
	struct dns *dns = dns_fake_new(zone.rows, false);
	struct zone_work z = { .store = ts->store,
		               .dns = dns,
		               .change = change,
		               .look = look,
		               .look_arg = &turn.dark,
		               .look_again = turn.look_again,
		               .domain_gone = turn.domain_gone,
		               .overlap_ms = 7 * DAY_MS,
		               .oldest_ms = turn.oldest_ms,
		               .blind = turn.blind,
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

static void round_with(struct temp_store *ts, int64_t passed_ms, bool blind)
{
	turn.blind = zone.program = blind;
	round_turn(ts, passed_ms);
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
	turn = (struct turn){ .oldest_ms = INT64_MAX };
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

/* An alias is alone at its name (RFC 2181 10.1); what is there by a wildcard is not at it. */
static void nothing_beside_an_alias(void **state)
{
	static const struct {
		const char *there, *data, *type, *ours;
		bool beside;
	} cases[] = {
		{ "A", "198.51.100.7", "CNAME", "mx.example.org", false },
		{ "AAAA", "2001:db8::7", "CNAME", "mx.example.org", false },
		{ "TXT", "x", "CNAME", "mx.example.org", false },
		{ "CNAME", "hosted.example", "TXT", "v=STSv1; id=1", false },
		{ "CNAME", "hosted.example", "TLSA", "3 1 1 aa", true },
	};
	struct temp_store ts;

	(void)state;
	for (size_t i = 0; i < 4 * COUNT(cases); i++) {
		bool blind = i & 1, wild = i & 2;

		begin(&ts);
		row_add(wild ? "*.example.org" : "x.example.org", cases[i / 4].there,
		        cases[i / 4].data);
		want(PUBLISH_MTA_STS, "x.example.org", cases[i / 4].ours);
		wanted.items[0].type = cases[i / 4].type;
		wanted.items[0].beside = cases[i / 4].beside;
		for (int k = 0; k < 3; k++)
			round_with(&ts, 0, blind);
		check_at(i, zone.count == (wild ? 2 : 1));
		check_at(i, zone.changes <= 1 && (wild || !blind || zone.changes == 0));
		wanted.count = 0;
		round_with(&ts, 0, blind);
		check_at(i, zone.count == 1);
		check_str_at(i, str_of(zone.rows[0].data), str_of(cases[i / 4].data));
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

/* One record takes another's place, and each change is lost in turn, before or after it was made;
 * then it becomes a third one. Nothing is left behind, and no two aliases are at a name. */
static void cut_short_anywhere(void **state)
{
	static const char *const types[] = { "TXT", "CNAME" };
	struct temp_store ts;

	(void)state;
	for (unsigned i = 0; i < 32; i++) {
		const char *type = types[i & 1];
		bool blind = (i & 2) != 0;

		begin(&ts);
		want(PUBLISH_MTA_STS, "mta-sts.example.org", "a.example.org");
		wanted.items[0].type = type;
		round_with(&ts, 0, blind);
		wanted.items[0].data = STR("b.example.org");
		zone.changes = 0;
		zone.crash_after = (i & 4) != 0;
		zone.crash_at = 1 + (i >> 3);
		round_with(&ts, 0, blind);
		wanted.items[0].data = (i & 8) != 0 ? STR("c.example.org") : STR("a.example.org");
		round_with(&ts, 0, blind);
		zone.crash_at = 0;
		zone.crash_after = false;
		clock_shift_real(3600000); /* a program said no to what it had done already */
		for (int k = 0; k < 3; k++)
			round_with(&ts, 0, blind);
		check_at(i, zone.count == 1);
		check_str_at(i, str_of(zone.rows[0].data), wanted.items[0].data);
		wanted.count = 0;
		for (int k = 0; k < 3; k++)
			round_with(&ts, 0, blind);
		check_at(i, zone.count == 0);
		clock_shift_real(-3600000);
		temp_store_remove(&ts);
	}
}

/* Two changes in a row whose answers never came. */
static void several_are_on_their_way(void **state)
{
	struct temp_store ts;

	(void)state;
	for (int made = 0; made < 2; made++) {
		begin(&ts);
		want(PUBLISH_MTA_STS, "_mta-sts.example.org", "v=STSv1; id=1");
		round_do(&ts);
		zone.crash_after = made;
		zone.fails = made ? OK : ERR_RETRY;
		wanted.items[0].data = STR("v=STSv1; id=2");
		round_do(&ts);
		zone.crash_after = false;
		zone.fails = ERR_RETRY;
		wanted.items[0].data = STR("v=STSv1; id=3");
		round_do(&ts);
		zone.fails = OK;
		wanted.items[0].data = STR("v=STSv1; id=4");
		round_do(&ts);
		assert_int_equal(zone.count, 1);
		assert_true(there("_mta-sts.example.org", "v=STSv1; id=4"));
		wanted.count = 0;
		round_do(&ts);
		assert_int_equal(zone.count, 0);
		temp_store_remove(&ts);
	}
}

/* What a person puts there himself, where we could not or did not, is his. */
static void the_same_by_a_person(void **state)
{
	static const enum err fails[] = { ERR_IO, ERR_DENIED };
	struct temp_store ts;

	(void)state;
	for (size_t i = 0; i < COUNT(fails); i++) {
		begin(&ts);
		want(PUBLISH_TLS_RPT, "_smtp._tls.example.org", "v=TLSRPTv1; rua=1");
		zone.fails = fails[i];
		round_do(&ts);
		row_add("_smtp._tls.example.org", "TXT", "v=TLSRPTv1; rua=1");
		zone.fails = OK;
		clock_shift_real(3600000);
		round_do(&ts);
		wanted.count = 0;
		round_do(&ts);
		clock_shift_real(-3600000);
		check_at(i, zone.count == 1);
		temp_store_remove(&ts);
	}
	for (int blind = 0; blind < 2; blind++) { /* where others may be beside it */
		begin(&ts);
		row_add("_25._tcp.example.org", "TLSA", "3 1 1 aa");
		want(PUBLISH_TLSA, "_25._tcp.example.org", "3 1 1 aa");
		want(PUBLISH_TLSA, "_25._tcp.example.org", "3 1 1 bb");
		for (int i = 0; i < 2; i++) {
			wanted.items[i].type = "TLSA";
			wanted.items[i].beside = true;
		}
		round_with(&ts, 0, blind);
		assert_int_equal(zone.count, 2);
		wanted.count = 0;
		round_with(&ts, 0, blind);
		assert_int_equal(zone.count, 1);
		assert_non_null(row_find(STR("_25._tcp.example.org"), "TLSA", STR("3 1 1 aa")));
		temp_store_remove(&ts);
	}
}

/* A program is not run while nobody knows what is there; nor is what appears meanwhile ours. */
static void dns_says_nothing(void **state)
{
	struct temp_store ts;

	(void)state;
	begin(&ts);
	turn.dark = true;
	want(PUBLISH_TLS_RPT, "_smtp._tls.example.org", "v=TLSRPTv1; rua=1");
	round_with(&ts, 0, true);
	assert_int_equal(zone.changes, 0);
	row_add("_smtp._tls.example.org", "TXT", "v=TLSRPTv1; rua=1");
	turn.dark = false;
	round_with(&ts, 0, true);
	wanted.count = 0;
	round_with(&ts, 0, true);
	assert_int_equal(zone.count, 1);
	temp_store_remove(&ts);
}

static void what_vanished_comes_back(void **state)
{
	struct temp_store ts;

	(void)state;
	for (int blind = 0; blind < 2; blind++) {
		begin(&ts);
		want(PUBLISH_DKIM, "k._domainkey.example.org", "v=DKIM1; p=a");
		want(PUBLISH_TLS_RPT, "_smtp._tls.example.org", "v=TLSRPTv1; rua=1");
		round_with(&ts, 0, blind);
		row_drop(row_find(STR("k._domainkey.example.org"), "TXT", STR("v=DKIM1; p=a")));
		round_with(&ts, 0, blind);
		assert_int_equal(zone.count, 1);
		turn.look_again = turn.dark = true; /* nothing is known, nothing is done */
		round_with(&ts, 0, blind);
		assert_int_equal(zone.changes, 2);
		turn.dark = false;
		round_with(&ts, 0, blind);
		assert_int_equal(zone.count, 2);
		assert_int_equal(zone.changes, blind ? 3 : 4);

		/* In place of ours there is another: somebody wanted that. */
		row_drop(row_find(STR("_smtp._tls.example.org"), "TXT", STR("v=TLSRPTv1; rua=1")));
		row_add("_smtp._tls.example.org", "TXT", "v=TLSRPTv1; rua=his");
		round_with(&ts, 0, blind);
		assert_true(there("_smtp._tls.example.org", "v=TLSRPTv1; rua=his"));
		wanted.count = 0;
		round_with(&ts, 0, blind);
		assert_int_equal(zone.count, 1);
		temp_store_remove(&ts);
	}
}

/* Mail of a domain that went away is under way for a while, and may wait here for longer. */
static void a_domain_goes(void **state)
{
	struct temp_store ts;

	(void)state;
	begin(&ts);
	want(PUBLISH_DKIM, "k._domainkey.example.org", "v=DKIM1; p=a");
	want(PUBLISH_TLS_RPT, "_smtp._tls.example.org", "v=TLSRPTv1; rua=1");
	round_do(&ts);
	wanted.count = 0;
	turn.domain_gone = true;
	turn.oldest_ms = clock_real_ms() - 1000;
	round_do(&ts);
	assert_int_equal(zone.count, 1);
	for (int day = 0; day < 20; day++)
		round_with(&ts, DAY_MS, false);
	assert_true(there("k._domainkey.example.org", "v=DKIM1; p=a"));
	turn.oldest_ms = clock_real_ms() + 1000; /* the rest was signed later */
	round_do(&ts);
	assert_int_equal(zone.count, 0);

	/* It is ours again before that: what is on its way out goes on its way. */
	want(PUBLISH_DKIM, "l._domainkey.example.org", "v=DKIM1; p=a");
	turn.domain_gone = false;
	round_do(&ts);
	wanted.count = 0;
	turn.domain_gone = true;
	turn.oldest_ms = INT64_MAX;
	round_do(&ts);
	turn.domain_gone = false;
	for (int day = 0; day < 6; day++)
		round_with(&ts, DAY_MS, false);
	assert_int_equal(zone.count, 1);
	round_with(&ts, DAY_MS, false);
	assert_int_equal(zone.count, 0);
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
		cmocka_unit_test(nothing_beside_an_alias),
		cmocka_unit_test(a_crash_between),
		cmocka_unit_test(cut_short_anywhere),
		cmocka_unit_test(several_are_on_their_way),
		cmocka_unit_test(the_same_by_a_person),
		cmocka_unit_test(dns_says_nothing),
		cmocka_unit_test(what_vanished_comes_back),
		cmocka_unit_test(a_domain_goes),
		cmocka_unit_test(away_and_refused),
		cmocka_unit_test(parting),
		cmocka_unit_test(fsck_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
