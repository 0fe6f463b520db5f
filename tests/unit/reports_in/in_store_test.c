/* Reports of others, from the mail that brought them to the sums of their days.
 * Slow: it fills the limits of a day with reports. */
#include "flow/reports_in/reports_in_private.h"
#include "flow/reports_in/draft.h"
#include "flow/reports_in/words.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "model/store/kv.h"
#include "model/store/store.h"
#include "unit/report/packing.h"
#include "unit/reports_in/in_fixture.h"

#include <stdio.h>
#include <string.h>

static enum err second_make(struct txn *t, void *arg)
{
	(void)arg;
	return domain_add(t, STR("second.example"), NULL);
}

#define SIGNED "Authentication-Results: mx; dkim=pass header.d=maker.example\r\n"

/* A mail with this attachment, raw. */
static void bring(struct fixture *f, const char *results, struct str attachment)
{
	struct report_offer o = { .id = STR("s"), .results = str_of(results) };
	struct buf b;

	buf_init(&b, 1 << 24);
	buf_put(&b, STR("From: Reports <noreply@maker.example>\r\nMIME-Version: 1.0\r\n"
	                "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	                "--b\r\n\r\nwords\r\n--b\r\n"
	                "Content-Type: application/octet-stream; name=\"a.ZIP\"\r\n"
	                "Content-Transfer-Encoding: binary\r\n\r\n"));
	buf_put(&b, attachment);
	buf_put(&b, STR("\r\n--b--\r\n"));
	o.raw = buf_str(&b);
	report_desk_read(&f->config, &o);
	buf_deinit(&b);
}

static struct asking all(struct fixture *f, enum report_kind kind)
{
	struct asking q = { .f = f,
		            .query = { .kind = -1, .max = 10 },
		            .view_query = { kind, STR("example.org"), DAY_IN + 1, 4 } };

	if (kind == REPORT_FAILURE) /* on the day on which they come */
		q.view_query.to_day = (uint32_t)(clock_real_ms() / DAY_MS);
	assert_int_equal(store_read(f->ts.store, ask, &q), OK);
	return q;
}

static enum err rm(struct txn *t, void *arg)
{
	return report_in_rm(t, *(uint64_t *)arg);
}

static void a_dmarc_report(void **state)
{
	struct fixture f;
	struct asking q;
	struct buf b;

	(void)state;
	open_all(&f);
	buf_init(&b, 1 << 20);
	gzipped(&b, STR(SAMPLE_INDENTED), 1);
	bring(&f, PROVEN, buf_str(&b));
	q = all(&f, REPORT_DMARC);
	assert_int_equal(q.list.count, 1);
	assert_true(q.list.items[0].proven);
	check_str(q.list.items[0].domain, STR("example.org"));
	check_str(q.list.items[0].organization, STR("mailer.example"));
	check_str(q.list.items[0].from, STR("noreply@maker.example"));
	check_str(q.list.items[0].policy,
	          STR("p=quarantine; sp=reject; np=reject; adkim=r; aspf=s; pct=50"));
	assert_int_equal(q.list.items[0].messages, 7);
	assert_int_equal(q.view.day_count, 4);
	assert_int_equal(q.view.days[2].n[REPORT_N_COUNT], 7);
	assert_int_equal(q.view.days[2].n[REPORT_N_DKIM], 7);
	assert_int_equal(q.view.days[1].n[REPORT_N_COUNT], 0);
	assert_int_equal(q.view.item_count, 1);
	check_str(q.view.items[0].name, STR("192.0.2.1"));
	check_str(q.view.items[0].tally.names[REPORT_NAMES_DKIM][0], STR("example.org"));
	check_str(q.view.items[0].tally.names[REPORT_NAMES_SPF][0], STR("list.example"));
	assert_int_equal(q.view.items[0].last_day, DAY_IN);
	check_str(q.view.makers[0].name, STR("mailer.example"));
	assert_string_equal(report_verdict_source(&q.view.items[0].tally).name, "passes");
	/* once more, by whatever way: nothing changes */
	bring(&f, PROVEN, buf_str(&b));
	bring(&f, "", STR(SAMPLE_INDENTED));
	q = all(&f, REPORT_DMARC);
	assert_int_equal(q.list.count, 1);
	assert_int_equal(q.view.days[2].n[REPORT_N_COUNT], 7);
	/* what goes takes its numbers with it */
	assert_int_equal(store_write(f.ts.store, rm, &q.list.items[0].id, NULL), OK);
	q = all(&f, REPORT_DMARC);
	assert_int_equal(q.list.count, 0);
	assert_int_equal(q.view.days[2].n[REPORT_N_COUNT], 0);
	assert_int_equal(q.view.item_count, 0);
	assert_int_equal(q.view.maker_count, 0);
	buf_deinit(&b);
	close_all(&f);
}

#define OF_MAKER(name, domain) \
	"<feedback><report_metadata><org_name>" name "</org_name><report_id>1</report_id>" \
	"<date_range><begin>1700006400</begin></date_range></report_metadata><policy_published>" \
	"<domain>example.org</domain></policy_published><record><row><source_ip>192.0.2.1" \
	"</source_ip><count>3</count></row><auth_results><dkim><domain>" domain "</domain>" \
	"<result>pass</result></dkim></auth_results></record></feedback>"

/* Who made the one that goes is named no more, nor is what it alone named. */
static void what_goes_takes_its_names_along(void **state)
{
	const struct report_tally *t;
	struct fixture f;
	struct asking q;

	(void)state;
	open_all(&f);
	bring(&f, PROVEN, STR(OF_MAKER("One", "one.example")));
	bring(&f, PROVEN, STR(OF_MAKER("Two", "two.example")));
	q = all(&f, REPORT_DMARC);
	assert_int_equal(q.view.items[0].tally.name_count[REPORT_NAMES_MAKERS], 2);
	assert_int_equal(store_write(f.ts.store, rm, &q.list.items[1].id, NULL), OK);
	q = all(&f, REPORT_DMARC);
	assert_int_equal(q.view.item_count, 1);
	t = &q.view.items[0].tally;
	assert_int_equal(t->n[REPORT_N_COUNT], 3);
	assert_int_equal(t->name_count[REPORT_NAMES_MAKERS], 1);
	check_str(t->names[REPORT_NAMES_MAKERS][0], STR("Two"));
	assert_int_equal(t->name_count[REPORT_NAMES_DKIM], 1);
	check_str(t->names[REPORT_NAMES_DKIM][0], STR("two.example"));
	close_all(&f);
}

/* As some Windows programs write it, with its order of bytes in front. */
static void of_utf_16(void **state)
{
	struct str sample = STR(SAMPLE_INDENTED);

	(void)state;
	for (size_t little = 0; little < 2; little++) {
		struct fixture f;
		struct asking q;
		struct buf b;

		open_all(&f);
		buf_init(&b, 1 << 16);
		buf_put(&b, little ? STR("\xff\xfe") : STR("\xfe\xff"));
		for (size_t i = 0; i < sample.n; i++) {
			buf_byte(&b, little ? sample.p[i] : '\0');
			buf_byte(&b, little ? '\0' : sample.p[i]);
		}
		bring(&f, PROVEN, buf_str(&b));
		q = all(&f, REPORT_DMARC);
		check_at(little, q.list.count == 1 && q.list.items[0].messages == 7);
		check_str_at(little, q.list.items[0].organization, STR("mailer.example"));
		buf_deinit(&b);
		close_all(&f);
	}
}

static void what_is_not_proven(void **state)
{
	struct fixture f;
	struct asking q;

	(void)state;
	open_all(&f);
	bring(&f, "Authentication-Results: mx; dmarc=fail header.from=maker.example;"
	          " spf=pass smtp.mailfrom=x@maker.example\r\n", STR(SAMPLE_DENSE));
	q = all(&f, REPORT_DMARC);
	assert_int_equal(q.list.count, 1);
	assert_false(q.list.items[0].proven);
	check_str(q.list.items[0].remarks, STR("its maker says: DNS was slow\n"));
	assert_int_equal(q.view.item_count, 0);
	/* without a policy, what would count for it does; it takes the other's place */
	bring(&f, "Authentication-Results: mx; dmarc=none header.from=maker.example;"
	          " spf=pass smtp.mailfrom=x@bounce.maker.example\r\n", STR(SAMPLE_DENSE));
	q = all(&f, REPORT_DMARC);
	assert_int_equal(q.list.count, 1);
	assert_true(q.list.items[0].proven);
	assert_int_equal(q.view.item_count, 1);
	assert_string_equal(report_verdict_source(&q.view.items[0].tally).name, "unauthenticated");
	close_all(&f);
}

static void bring_numbered(struct fixture *f, const char *results, int number)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	sample_put(&b, "number", number);
	bring(f, results, buf_str(&b));
	buf_deinit(&b);
}

/* Anybody can make up reports: they do not keep away those that somebody stands for. */
static void made_up_ones_leave_room(void **state)
{
	struct fixture f;
	struct asking q;

	(void)state;
	open_all(&f);
	for (int i = 0; i < LIMIT_report_in_unproven + 5; i++)
		bring_numbered(&f, "", i);
	q = (struct asking){ .f = &f,
		             .query = { .kind = -1, .max = 2 * LIMIT_report_in_unproven },
		             .view_query = { REPORT_DMARC, STR("example.org"), DAY_IN + 1, 4 } };
	assert_int_equal(store_read(f.ts.store, ask, &q), OK);
	assert_int_equal(q.list.count, LIMIT_report_in_unproven);
	assert_int_equal(q.view.item_count, 0);
	bring(&f, PROVEN, STR(SAMPLE_DENSE));
	assert_int_equal(all(&f, REPORT_DMARC).view.item_count, 1);
	close_all(&f);
}

static enum err counts_count(struct txn *t, void *arg)
{
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_REPORT, STR("q"));
	while (kv_iter_next(&it))
		++*(size_t *)arg;
	return kv_iter_end(&it);
}

struct counting {
	struct report_draft *draft;
	uint64_t times;
	enum report_put last;
};

static enum err count_all(struct txn *t, void *arg)
{
	struct counting *c = arg;
	enum err e = OK;

	for (uint64_t i = 0; e == OK && i < c->times; i++)
		e = report_in_count(t, c->draft, &c->last);
	return e;
}

/* So many of this author, each with so many bytes of rows: what becomes of the last. */
static enum report_put counted(struct fixture *f, const char *from, uint64_t times, size_t bytes)
{
	struct report_draft *d = report_draft_new();
	struct counting c = { d, times, REPORT_PUT_KNOWN };

	d->head = (struct report_in){ .domain = STR("example.org"),
		                      .from = str_of(from),
		                      .received_ms = clock_real_ms(),
		                      .proven = true };
	d->rows.bytes.n = bytes;
	assert_int_equal(store_write(f->ts.store, count_all, &c, NULL), OK);
	d->rows.bytes.n = 0;
	report_draft_free(&d);
	return c.last;
}

/* Whoever has a domain is proven: all he sends, from whatever name below it, is his, and the others
 * have room. */
static void one_author_leaves_room(void **state)
{
	enum { REST = LIMIT_report_in_day - 2 * LIMIT_report_in_author };
	struct fixture f;
	size_t rows = 0;

	(void)state;
	open_all(&f);
	assert_int_equal(counted(&f, "a@flood.example", LIMIT_report_in_author - 1, 10),
	                 REPORT_PUT_TAKEN);
	assert_int_equal(counted(&f, "b@x.Flood.example", 1, 10), REPORT_PUT_TAKEN);
	assert_int_equal(counted(&f, "c@y.flood.example", 1, 10), REPORT_PUT_FLOOD);
	assert_int_equal(counted(&f, "a@long.example", 1, LIMIT_report_in_author_bytes),
	                 REPORT_PUT_TAKEN);
	assert_int_equal(counted(&f, "a@long.example", 1, 10), REPORT_PUT_FLOOD);
	bring(&f, PROVEN, STR(SAMPLE_DENSE));
	assert_int_equal(all(&f, REPORT_DMARC).view.item_count, 1);
	assert_int_equal(counted(&f, "a@maker.example", LIMIT_report_in_author - 1, 10),
	                 REPORT_PUT_TAKEN);
	bring_numbered(&f, PROVEN, 1);
	assert_int_equal(all(&f, REPORT_DMARC).list.count, 1);
	/* nobody is turned away for what others are turned away for, until all is full */
	assert_int_equal(counted(&f, "a@one.example", REST / 2, 10), REPORT_PUT_TAKEN);
	assert_int_equal(counted(&f, "a@two.example", REST / 2 - 1, 10), REPORT_PUT_TAKEN);
	assert_int_equal(counted(&f, "a@two.example", 1, 10), REPORT_PUT_FULL);
	assert_int_equal(store_read(f.ts.store, counts_count, &rows), OK);
	assert_int_equal(rows, 1 + 5);
	assert_int_equal(report_desk_expire(&f.config, clock_real_ms() + 100002ll * DAY_MS, NULL),
	                 OK);
	rows = 0;
	assert_int_equal(store_read(f.ts.store, counts_count, &rows), OK);
	assert_int_equal(rows, 0);
	close_all(&f);
}

static void of_tls_and_of_one_message(void **state)
{
	struct report_offer o = { .results = STR("Authentication-Results: mx; dkim=pass"
		                                 " header.d=provider.example\r\n"),
		                  .raw = STR(SAMPLE_COMPLAINT) };
	struct fixture f;
	struct asking q;

	(void)state;
	open_all(&f);
	bring(&f, SIGNED, STR(SAMPLE_TLS));
	q = all(&f, REPORT_TLS);
	assert_int_equal(q.list.count, 1);
	assert_int_equal(q.list.items[0].kind, REPORT_TLS);
	assert_int_equal(q.list.items[0].passed, 5329);
	assert_int_equal(q.view.days[2].n[REPORT_N_COUNT], 5329);
	assert_int_equal(q.view.days[2].n[REPORT_N_PASSED], 303);
	assert_int_equal(q.view.item_count, 2);
	check_str(q.view.items[0].name, STR("starttls-not-supported\0mx2.mail.example.org"));
	assert_int_equal(q.view.items[0].tally.n[REPORT_N_COUNT], 203);
	o.raw = STR("Message-ID: <r1@x>\r\n" SAMPLE_COMPLAINT);
	report_desk_read(&f.config, &o);
	report_desk_read(&f.config, &o);
	q = all(&f, REPORT_FAILURE);
	assert_int_equal(q.list.count, 2);
	assert_true(q.list.items[0].proven);
	assert_int_equal(q.list.items[0].messages, 3);
	assert_int_equal(q.view.item_count, 1);
	check_str(q.view.items[0].name, STR("abuse"));
	/* the date that it names is long ago: it counts on the day on which it came */
	assert_int_equal(q.view.items[0].tally.n[REPORT_N_COUNT], 3);
	close_all(&f);
}

#define BY_SIGNATURE_ONLY(words)                                                            \
	SAMPLE_ARF_TOP "Feedback-Type: abuse\r\nUser-Agent: Loop/1\r\nVersion: 1\r\n"       \
	               "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"                      \
	               "DKIM-Signature: v=1; d=list.example; s=a\r\n"                         \
	               "DKIM-Signature: v=1; d=mail.example.org; s=a\r\n"                     \
	               "From: redacted\r\n\r\n" words "\r\n--b--\r\n"

/* Some loops tell of a message by who signed it, in mail that has no identifier: the same is known
 * when it comes again, another is another. */
static void complaints_with_little_in_them(void **state)
{
	struct report_offer o = { .results = STR("Authentication-Results: mx; dkim=pass"
		                                 " header.d=provider.example\r\n") };
	struct fixture f;
	struct asking q;

	(void)state;
	open_all(&f);
	for (int i = 0; i < 2; i++) {
		o.raw = STR("Received: this time\r\n" BY_SIGNATURE_ONLY("one"));
		report_desk_read(&f.config, &o);
		o.raw = STR(BY_SIGNATURE_ONLY("one"));
		report_desk_read(&f.config, &o);
	}
	assert_int_equal(all(&f, REPORT_FAILURE).list.count, 1);
	o.raw = STR(BY_SIGNATURE_ONLY("another"));
	report_desk_read(&f.config, &o);
	q = all(&f, REPORT_FAILURE);
	assert_int_equal(q.list.count, 2);
	check_str(q.list.items[0].domain, STR("example.org"));
	assert_true(q.list.items[0].proven);
	assert_int_equal(q.list.items[0].report_id.n, 32);
	close_all(&f);
}

/* RFC 8460 3: only what the author's domain has signed, by a key for mail or for such reports. */
static void who_has_signed_a_tls_report(void **state)
{
	static const struct {
		const char *results;
		bool taken, proven;
	} rows[] = {
		{ "dkim=pass header.d=maker.example", true, true },
		{ "dkim=pass header.d=mail.maker.example", true, true },
		{ "dkim=fail header.d=maker.example; dkim=pass header.d=maker.example", true,
		  true },
		{ "dkim=policy header.d=maker.example policy.service=tlsrpt", true, true },
		{ "dkim=policy header.d=maker.example", false, false },
		{ "dkim=fail header.d=maker.example policy.service=tlsrpt", false, false },
		{ "dkim=pass header.d=other.example", false, false },
		/* RFC 6376 3.6.1: who is only trying has not signed */
		{ "dkim=pass (only trying) header.d=maker.example policy.testing=y", false,
		  false },
		{ "dkim=policy header.d=maker.example policy.service=tlsrpt policy.testing=y",
		  false, false },
		{ "dkim=pass header.d=maker.example policy.testing=y; dkim=pass"
		  " header.d=maker.example", true, true },
		{ "dmarc=pass header.from=maker.example; spf=pass smtp.mailfrom=a@maker.example;"
		  " dkim=none", false, false },
		/* nobody can tell */
		{ "dmarc=pass header.from=maker.example; spf=pass smtp.mailfrom=a@maker.example",
		  true, false },
		{ "dkim=temperror header.d=maker.example", true, false },
		{ "none", true, false },
	};
	static const struct {
		const char *results;
		bool proven;
	} others[] = {
		{ "Authentication-Results: mx; dkim=policy header.d=maker.example"
		  " policy.service=tlsrpt\r\n", false },
		{ "Authentication-Results: mx; dkim=pass header.d=maker.example"
		  " policy.testing=y\r\n", false },
		{ SIGNED, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;
		struct asking q;

		open_all(&f);
		bring(&f, str_z(&f.a, str_fmt(&f.a, "Authentication-Results: mx; %s\r\n",
		                              rows[i].results)), STR(SAMPLE_TLS));
		q = all(&f, REPORT_TLS);
		check_at(i, q.list.count == rows[i].taken);
		check_at(i, !rows[i].taken || q.list.items[0].proven == rows[i].proven);
		check_at(i, (q.view.days[2].n[REPORT_N_COUNT] != 0) == rows[i].proven);
		close_all(&f);
	}
	/* what does for a report on TLS does for no other */
	for (size_t i = 0; i < COUNT(others); i++) {
		struct fixture f;

		open_all(&f);
		bring(&f, others[i].results, STR(SAMPLE_DENSE));
		check_at(i, all(&f, REPORT_DMARC).list.items[0].proven == others[i].proven);
		close_all(&f);
	}
}

#define POLICY(type, domain, good) \
	"{\"policy\":{\"policy-type\":\"" type "\",\"policy-domain\":\"" domain "\"},\"summary\":" \
	"{\"total-successful-session-count\":" good ",\"total-failure-session-count\":1}}"
#define TLS_OF(policies) \
	"{\"report-id\":\"r1\",\"date-range\":{\"start-datetime\":\"2023-11-15T00:00:00Z\"," \
	"\"end-datetime\":\"2023-11-15T23:59:59Z\"},\"policies\":[" policies "]}"

static uint64_t good_of(struct fixture *f, const char *domain)
{
	struct asking q = { .f = f,
		            .query = { .kind = -1, .max = 10 },
		            .view_query = { REPORT_TLS, str_of(domain), DAY_IN + 1, 4 } };

	assert_int_equal(store_read(f->ts.store, ask, &q), OK);
	return q.view.days[2].n[REPORT_N_COUNT];
}

static bool row_counts(void *arg, struct str record)
{
	struct arena a = { 0 };
	struct wire_tls_policy p;

	assert_true(report_in_tls_read(record, &a, &p));
	*(uint64_t *)arg += p.good;
	arena_deinit(&a);
	return true;
}

struct rows_of {
	uint64_t id, good;
};

static enum err rows_add(struct txn *t, void *arg)
{
	struct rows_of *r = arg;

	return report_in_rows_each(t, r->id, row_counts, &r->good);
}

/* One about several domains becomes one for each, which has its rows and no others. */
static void a_tls_report_of_several(void **state)
{
	static const char *const heads[] = { "example.org", "second.example" };
	static const uint64_t good[] = { 10 + 5, 200 };
	struct fixture f;
	struct asking q;

	(void)state;
	open_all(&f);
	assert_int_equal(store_write(f.ts.store, second_make, NULL, NULL), OK);
	bring(&f, SIGNED,
	      STR(TLS_OF(POLICY("sts", "example.org", "10") ","
	                 POLICY("sts", "Second.Example", "200") ","
	                 POLICY("sts", "mx.example.org", "5") ","
	                 POLICY("sts", "foreign.example", "7000") ","
	                 POLICY("tlsa", "mx.foreign.example", "80000"))));
	q = all(&f, REPORT_TLS);
	assert_int_equal(q.list.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct report_in *head = &q.list.items[1 - i];
		struct rows_of rows = { .id = head->id };

		check_str_at(i, head->domain, str_of(heads[i]));
		check_at(i, head->passed == good[i] && head->messages > good[i]);
		check_str_at(i, head->remarks,
		             STR("2 rows are about domains of others, and are left out\n"));
		check_at(i, good_of(&f, heads[i]) == good[i]);
		assert_int_equal(store_read(f.ts.store, rows_add, &rows), OK);
		check_at(i, rows.good == good[i]);
	}
	/* each goes by itself, and the whole does not come again */
	bring(&f, SIGNED, STR(TLS_OF(POLICY("sts", "example.org", "10"))));
	assert_int_equal(all(&f, REPORT_TLS).list.count, 2);
	assert_int_equal(store_write(f.ts.store, rm, &q.list.items[0].id, NULL), OK);
	assert_int_equal(good_of(&f, "second.example"), 0);
	assert_int_equal(good_of(&f, "example.org"), good[0]);
	close_all(&f);
	/* of one domain, what its host has is its own, wherever that is */
	open_all(&f);
	bring(&f, SIGNED, STR(TLS_OF(POLICY("tlsa", "mx.foreign.example", "80000") ","
	                             POLICY("sts", "example.org", "10"))));
	assert_int_equal(good_of(&f, "example.org"), 80010);
	assert_int_equal(all(&f, REPORT_TLS).list.items[0].remarks.n, 0);
	bring(&f, SIGNED, STR(TLS_OF(POLICY("tlsa", "mx.foreign.example", "80000"))));
	assert_int_equal(all(&f, REPORT_TLS).list.count, 1);
	close_all(&f);
}

static enum err crowd_put(struct txn *t, void *arg)
{
	enum err e = OK;

	(void)arg;
	for (int i = 0; e == OK && i <= 45000; i++) {
		const struct report_tally more = { .n = { i == 45000 ? 9 : 1 } };
		const struct report_tally_key key = { .domain = STR("example.org"),
			                              .what = REPORT_TALLY_SOURCE,
			                              .day = i == 45000 ? DAY_IN : DAY_IN - 1,
			                              .name = str_fmt(txn_arena(t), "10.1.%d.%d",
			                                              i / 256, i % 256) };

		e = report_tally_put(t, &key, &more, false);
	}
	return e;
}

/* However many sources somebody tells of: who comes behind them, and more often, is seen. */
static void a_crowd_hides_nobody(void **state)
{
	struct fixture f;
	struct asking q;

	(void)state;
	open_all(&f);
	assert_int_equal(store_write(f.ts.store, crowd_put, NULL, NULL), OK);
	q = all(&f, REPORT_DMARC);
	assert_int_equal(q.view.items[0].tally.n[REPORT_N_COUNT], 9);
	assert_int_equal(q.view.items[0].last_day, DAY_IN);
	assert_int_equal(q.view.item_count + q.view.item_lost, 45001);
	close_all(&f);
}

/* Each is turned away, and the log says why. */
static void what_is_refused(void **state)
{
	static char zeros[1 << 16];
	static const struct {
		const char *from, *to; /* in the dense sample */
	} rows[] = {
		{ "example.org</d:domain><d:p>", "example.net</d:domain><d:p>" },
		{ "1700092800.0", "1600000000.0" },
		{ "1700006400.0", "1600000000.0" },
		{ "1700006400.0", "-170006400.0" },
		{ "abc!def", "" },
		{ "</d:feedback>", "" },
	};
	struct fixture f;
	struct buf b;

	(void)state;
	open_all(&f);
	buf_init(&b, 1 << 24);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str all_of = STR(SAMPLE_DENSE);
		ptrdiff_t at = str_find(all_of, str_of(rows[i].from));

		check_at(i, at >= 0);
		buf_reset(&b);
		buf_put(&b, str_sub(all_of, 0, (size_t)at));
		buf_put(&b, str_of(rows[i].to));
		buf_put(&b, str_sub(all_of, (size_t)at + strlen(rows[i].from), all_of.n));
		bring(&f, PROVEN, buf_str(&b));
	}
	buf_reset(&b);
	gzipped(&b, str_from(zeros, sizeof zeros), 2000);
	bring(&f, PROVEN, buf_str(&b));
	bring(&f, PROVEN, STR("PK\x03\x04 and nothing more"));
	bring(&f, PROVEN, STR("<html/>"));
	bring(&f, PROVEN, STR("words"));
	bring(&f, PROVEN, STR_EMPTY);
	assert_int_equal(all(&f, REPORT_DMARC).list.count, 0);
	buf_deinit(&b);
	close_all(&f);
}

/* More rows than are kept, and more sources than are told apart: all the same it comes and goes. */
static void a_long_one(void **state)
{
	struct fixture f;
	struct asking q;
	struct buf b;

	(void)state;
	open_all(&f);
	buf_init(&b, 1 << 24);
	buf_put(&b, STR("<feedback><policy_published><domain>example.org</domain>"
	                "</policy_published>"
	                "<report_metadata><report_id>1</report_id><date_range><begin>1700006400"
	                "</begin></date_range></report_metadata>"));
	for (int i = 0; i < 10000; i++)
		buf_fmt(&b, "<record><row><source_ip>10.1.%d.%d</source_ip><count>%s</count></row>"
		            "</record>",
		        i / 256, i % 256, i == 7 ? "-3" : i == 8 ? "9999999999" : "1");
	buf_put(&b, STR("</feedback>"));
	bring(&f, PROVEN, buf_str(&b));
	q = all(&f, REPORT_DMARC);
	assert_int_equal(q.list.count, 1);
	assert_int_equal(q.list.items[0].rows, 9999);
	assert_int_equal(q.list.items[0].messages, 9998 + REPORT_COUNT_MAX);
	assert_int_equal(q.view.days[2].n[REPORT_N_COUNT], 9998 + REPORT_COUNT_MAX);
	assert_in_range(q.view.item_count, 2000, REPORT_SUMS_MAX);
	assert_true(str_find(q.list.items[0].remarks, STR("1 rows make no sense")) >= 0);
	assert_true(str_find(q.list.items[0].remarks, STR("1 counts were too large")) >= 0);
	assert_int_equal(store_write(f.ts.store, rm, &q.list.items[0].id, NULL), OK);
	q = all(&f, REPORT_DMARC);
	assert_int_equal(q.view.item_count, 0);
	assert_int_equal(q.view.days[2].n[REPORT_N_COUNT], 0);
	buf_deinit(&b);
	close_all(&f);
}

static void what_is_old_goes(void **state)
{
	struct fixture f;

	(void)state;
	open_all(&f);
	bring(&f, PROVEN, STR(SAMPLE_INDENTED));
	bring(&f, PROVEN, STR(SAMPLE_DENSE));
	assert_int_equal(report_desk_expire(&f.config, clock_real_ms(), NULL), OK);
	assert_int_equal(all(&f, REPORT_DMARC).list.count, 2);
	assert_int_equal(report_desk_expire(&f.config, clock_real_ms() + 100001ll * DAY_MS, NULL),
	                 OK);
	assert_int_equal(all(&f, REPORT_DMARC).list.count, 0);
	assert_int_equal(all(&f, REPORT_DMARC).view.item_count, 0);
	close_all(&f);
}

static void whose_reports_are_read(void **state)
{
	static const struct {
		const char *local, *domain;
		bool wanted;
	} rows[] = {
		{ "postmaster", "example.org", true }, { "Postmaster", "other.example", true },
		{ "dmarc", "Example.org", true },      { "dmarc", "other.example", false },
		{ "postmaste", "example.org", false }, { "", "example.org", false },
	};
	struct report_desk *desk;
	struct fixture f;

	(void)state;
	open_all(&f);
	assert_int_equal(report_desk_open(&f.config, &desk, NULL), OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mailaddr a = { str_of(rows[i].local), str_of(rows[i].domain) };

		check_at(i, report_desk_wants(desk, &a) == rows[i].wanted);
	}
	assert_true(report_mail_may(STR("Content-Type: multipart/report; x=y\r\n\r\n")));
	assert_true(report_mail_may(STR("content-type: application/gzip\r\n\r\n")));
	assert_false(report_mail_may(STR("Content-Type: text/plain\r\n\r\n")));
	assert_false(report_mail_may(STR("Subject: application/gzip\r\n\r\n")));
	report_desk_close(&desk);
	close_all(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dmarc_report),
		cmocka_unit_test(what_goes_takes_its_names_along),
		cmocka_unit_test(of_utf_16),
		cmocka_unit_test(what_is_not_proven),
		cmocka_unit_test(made_up_ones_leave_room),
		cmocka_unit_test(one_author_leaves_room),
		cmocka_unit_test(of_tls_and_of_one_message),
		cmocka_unit_test(complaints_with_little_in_them),
		cmocka_unit_test(who_has_signed_a_tls_report),
		cmocka_unit_test(a_tls_report_of_several),
		cmocka_unit_test(a_crowd_hides_nobody),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(a_long_one),
		cmocka_unit_test(what_is_old_goes),
		cmocka_unit_test(whose_reports_are_read),
	};

	event_fd_set(-1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
