/* Failure reports on their way: one a day of each client, limited, sent once, to who wants it. */
#include "unit/reports_out/out_fixture.h"

#include "flow/reports_out/failed.h"
#include "flow/reports_out/reports_out_private.h"
#include "flow/reports_out/suppress.h"

#define RECORD "v=DMARC1; p=reject; ruf=mailto:a@example.net"
#define DAY_MS (OUT_DAY_S * 1000)

static const struct dns_fake_row zone[] = {
	{ "example.com._report._dmarc.example.net", "TXT", "v=DMARC1" },
	{ "moved.example._report._dmarc.example.net", "TXT",
	  "v=DMARC1; rua=mailto:no@example.net; ruf=mailto:new@example.net" },
	{ "dead.example._report._dmarc.example.net", "*", "SERVFAIL" },
	{ "spf.example", "TXT", "v=spf1 ip4:192.0.2.1 -all" },
	{ NULL, NULL, NULL },
};

struct sending {
	struct fixture f;
	struct out_failing *failing;
	int64_t now_ms;
};

static void open(struct sending *s)
{
	fixture_open(&s->f, zone);
	s->f.config.agent = STR("Roost/1");
	s->failing = out_failing_new();
	s->now_ms = clock_real_ms();
}

static void close(struct sending *s)
{
	out_failing_free(&s->failing);
	fixture_close(&s->f);
}

static struct report_failure failure(const char *domain, const char *record, const char *ip)
{
	static const struct mailaddr to = { STR("alice"), STR("example.org") };
	struct report_failure f = { .domain = str_of(domain),
		                    .author = str_of(domain),
		                    .record = str_of(record),
		                    .from = { STR("x"), str_of(domain) },
		                    .to = &to,
		                    .to_count = 1,
		                    .spf_domain = STR("spf.example"),
		                    .message = STR("Subject: hello\r\n\r\nbody\r\n") };

	assert_true(addr_parse_ip(str_of(ip), &f.ip));
	return f;
}

static void add(struct sending *s, const char *domain, const char *record, const char *ip)
{
	struct report_failure f = failure(domain, record, ip);

	out_failing_add(s->failing, &f, OUT_FAILURE_DMARC, s->now_ms);
}

static bool flush(struct sending *s)
{
	bool fresh = false;

	assert_int_equal(out_failing_flush(s->failing, s->f.ts.store, &fresh, NULL), OK);
	assert_int_equal(fixture_fsck(&s->f), 0);
	return fresh;
}

static enum err post(struct sending *s, bool now, bool *more)
{
	struct out_post p = { .config = &s->f.config, .stop = &s->f.stop, .now = now };

	return out_failure_post(&p, more, NULL);
}

/* --- what became of it ----------------------------------------------------------------------- */

struct looking {
	struct arena *a;
	struct out_due due[64];
	size_t count;
	size_t rows, waiting; /* of report_failed */
	uint64_t incidents;   /* of the row seen last */
};

static bool due_take(const struct out_due *d, void *arg)
{
	struct looking *l = arg;

	assert_int_equal(d->kind, REPORT_FAILURE);
	if (l->count < COUNT(l->due)) {
		l->due[l->count] = *d;
		l->due[l->count].id = str_dup(l->a, d->id);
		for (size_t i = 0; i < d->to_count; i++)
			l->due[l->count].to[i].why = str_dup(l->a, d->to[i].why);
	}
	l->count++;
	return true;
}

static enum err look_run(struct txn *t, void *arg)
{
	struct looking *l = arg;
	struct out_failed row;
	struct kv_iter it;
	enum err e = out_due_each(t, STR_EMPTY, due_take, l);

	kv_iter_prefix(&it, t, SPACE_REPORT_FAILED, STR_EMPTY);
	while (kv_iter_next(&it))
		if (out_failed_parse(it.key, it.val, &row)) {
			l->rows++;
			l->waiting += row.waits;
			l->incidents = row.incidents;
		}
	return kv_iter_end(&it) != OK ? ERR_IO : e;
}

static struct looking look(struct sending *s)
{
	struct looking l = { .a = &s->f.a };

	assert_int_equal(store_read(s->f.ts.store, look_run, &l), OK);
	return l;
}

/* --- tests ---------------------------------------------------------------------------------- */

static void once_a_day(void **state)
{
	struct sending s;
	struct looking l;
	bool more;

	(void)state;
	open(&s);
	for (int i = 0; i < 3; i++)
		add(&s, "example.com", RECORD, "192.0.2.1");
	assert_true(flush(&s));
	add(&s, "example.com", RECORD, "192.0.2.1");
	assert_false(flush(&s)); /* the same, and it waits still */
	l = look(&s);
	assert_true(l.rows == 1 && l.waiting == 1 && l.incidents == 4);
	assert_int_equal(post(&s, false, &more), OK);
	assert_false(more);
	assert_int_equal(s.f.sent_count, 1);
	assert_true(str_eq(s.f.sent[0].to.domain, STR("example.net")));
	assert_true(str_find(s.f.sent[0].raw, STR("Incidents: 4\r\n")) > 0);
	assert_true(str_find(s.f.sent[0].raw,
	                     STR("SPF-DNS: txt : spf.example : \"v=spf1 ip4:192.0.2.1")) > 0);
	assert_true(str_find(s.f.sent[0].raw, STR("Subject: FW: hello\r\n")) > 0);
	assert_true(str_find(s.f.sent[0].raw, STR("alice")) < 0);
	add(&s, "example.com", RECORD, "192.0.2.1");
	assert_false(flush(&s));
	assert_int_equal(post(&s, true, &more), OK);
	l = look(&s);
	assert_true(l.rows == 1 && l.waiting == 0 && l.incidents == 5 && l.count == 1);
	assert_int_equal(l.due[0].state, OUT_SENT);
	assert_int_equal(l.due[0].messages, 4);
	assert_int_equal(s.f.sent_count, 1);
	s.now_ms += DAY_MS; /* the next day is another one */
	add(&s, "example.com", RECORD, "192.0.2.1");
	assert_true(flush(&s));
	assert_int_equal(post(&s, false, &more), OK);
	assert_int_equal(s.f.sent_count, 2);
	close(&s);
}

/* Another client or kind is another report; an IPv6 client is its network. */
static void what_is_another(void **state)
{
	struct sending s;
	struct looking l;
	struct report_failure f = failure("example.com", RECORD, "192.0.2.1");
	bool more;

	(void)state;
	open(&s);
	add(&s, "example.com", RECORD, "192.0.2.1");
	add(&s, "example.com", RECORD, "192.0.2.2");
	add(&s, "example.com", RECORD, "2001:db8::1");
	add(&s, "example.com", RECORD, "2001:db8::2");
	out_failing_add(s.failing, &f, OUT_FAILURE_SPF, s.now_ms);
	assert_true(flush(&s));
	assert_int_equal(look(&s).rows, 4);
	assert_int_equal(post(&s, false, &more), OK);
	l = look(&s);
	assert_int_equal(l.count, 4); /* each with a key of its own, though of one second */
	for (size_t i = 1; i < l.count; i++)
		assert_false(str_eq(l.due[i].id, l.due[0].id));
	close(&s);
}

static void limits(void **state)
{
	struct sending s;
	size_t expected = 0;
	bool more = true;

	(void)state;
	open(&s);
	for (int i = 0; i < LIMIT_report_failures_domain + 9; i++) {
		char ip[32];

		snprintf(ip, sizeof ip, "192.0.2.%d", i);
		add(&s, "example.com", RECORD, ip);
	}
	flush(&s);
	assert_int_equal(look(&s).rows, LIMIT_report_failures_domain);
	for (int i = 0; i < LIMIT_report_failures + 9; i++) {
		char domain[32];

		snprintf(domain, sizeof domain, "d%d.example", i);
		add(&s, domain, RECORD, "192.0.2.1");
		if (i % LIMIT_report_failures_gathered == LIMIT_report_failures_gathered - 1)
			flush(&s);
	}
	flush(&s);
	assert_int_equal(look(&s).rows, LIMIT_report_failures);
	add(&s, "", RECORD, "192.0.2.1"); /* no domain is none */
	assert_false(flush(&s));
	for (int i = 0; i < LIMIT_report_failures_gathered + 9; i++) {
		char domain[32];

		snprintf(domain, sizeof domain, "e%d.example", i);
		s.now_ms += i == 0 ? DAY_MS : 0;
		add(&s, domain, RECORD, "192.0.2.1");
	}
	flush(&s);
	expected = (size_t)LIMIT_report_failures + LIMIT_report_failures_gathered;
	assert_int_equal(look(&s).rows, expected);
	while (more)
		assert_int_equal(post(&s, false, &more), OK);
	assert_int_equal(look(&s).waiting, 0);
	close(&s);
}

static void who_gets_it(void **state)
{
	static const struct {
		const char *domain, *record;
		enum out_state state;
		const char *to, *why;
	} rows[] = {
		{ "example.com", RECORD, OUT_SENT, "a@example.net", "" },
		{ "sub.example.net", RECORD, OUT_SENT, "a@example.net", "" },
		/* RFC 7489 7.1 step 8: ruf, not rua */
		{ "moved.example", RECORD, OUT_SENT, "new@example.net", "" },
		{ "other.example", RECORD, OUT_UNSENT, NULL,
		  "its domain has no record that it wants reports about this one" },
		{ "dead.example", RECORD, OUT_WAITING, NULL,
		  "DNS does not say whether its domain wants reports" },
		{ "example.com", "v=DMARC1; p=none; ruf=mailto:a@example.net!1k", OUT_UNSENT, NULL,
		  "the report is too large for the address" },
		{ "example.com", "v=DMARC1; p=none; ruf=https://example.net/", OUT_UNSENT, NULL,
		  "it is no address of mail" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sending s;
		struct looking l;
		bool more;

		open(&s);
		add(&s, rows[i].domain, rows[i].record, "192.0.2.1");
		flush(&s);
		check_at(i, post(&s, false, &more) == OK && !more);
		l = look(&s);
		check_at(i, l.count == 1 && l.due[0].state == rows[i].state);
		check_str_at(i, l.due[0].to[0].why, str_of(rows[i].why));
		check_at(i, s.f.sent_count == (rows[i].to != NULL));
		if (rows[i].to != NULL)
			check_str_at(i, mailaddr_text(&s.f.a, &s.f.sent[0].to),
			             str_of(rows[i].to));
		check_at(i, l.waiting == (rows[i].state == OUT_WAITING));
		/* who waits is not asked again at once */
		check_at(i, post(&s, false, &more) == OK && look(&s).due[0].attempts == 1);
		close(&s);
	}
}

/* A transaction that fails leaves what there is, and sends nothing. */
static void kept_until_sent(void **state)
{
	struct sending s;
	bool more;

	(void)state;
	open(&s);
	add(&s, "example.com", RECORD, "192.0.2.1");
	flush(&s);
	s.f.put = ERR_IO;
	assert_int_equal(post(&s, false, &more), ERR_IO);
	assert_true(look(&s).waiting == 1 && s.f.sent_count == 0);
	s.f.put = ERR_FULL; /* put off */
	assert_int_equal(post(&s, false, &more), OK);
	assert_true(look(&s).waiting == 1 && s.f.sent_count == 0);
	s.f.put = OK;
	assert_int_equal(post(&s, true, &more), OK);
	assert_true(look(&s).waiting == 0 && s.f.sent_count == 1);
	close(&s);
}

static enum err suppress(struct txn *t, void *arg)
{
	const struct mailaddr to = { STR("a"), STR("example.net") };

	(void)arg;
	return out_suppress(t, &to, STR("550 no"), clock_real_ms());
}

static enum err expire(struct txn *t, void *arg)
{
	return out_failed_expire(t, *(const uint32_t *)arg);
}

static void refused_and_forgotten(void **state)
{
	struct sending s;
	struct looking l;
	uint32_t today;
	bool more;

	(void)state;
	open(&s);
	today = (uint32_t)(s.now_ms / DAY_MS);
	add(&s, "example.com", RECORD, "192.0.2.1");
	flush(&s);
	assert_int_equal(store_write(s.f.ts.store, suppress, NULL, NULL), OK);
	assert_int_equal(post(&s, false, &more), OK);
	l = look(&s);
	assert_int_equal(l.due[0].state, OUT_UNSENT);
	assert_true(str_starts(l.due[0].to[0].why, STR("suppressed")));
	assert_int_equal(store_write(s.f.ts.store, expire, &today, NULL), OK);
	assert_int_equal(look(&s).rows, 1);
	today++;
	assert_int_equal(store_write(s.f.ts.store, expire, &today, NULL), OK);
	assert_int_equal(look(&s).rows, 0);
	close(&s);
}

static void packed(void **state)
{
	struct report_failure f = failure("example.com", RECORD, "192.0.2.1");
	const uint8_t key[OUT_FAILURE_KEY] = { 0 };
	struct out_failure made, read;
	struct arena a = { 0 };
	struct buf b;

	(void)state;
	f.by_spf = true;
	f.fate = REPORT_FATE_SPAM;
	out_failure_make(&f, OUT_FAILURE_DKIM, 7, key, &a, &made);
	buf_init(&b, OUT_FAILURE_PACKED_MAX);
	out_failure_pack(&b, &made);
	assert_true(out_failure_unpack(buf_str(&b), &read));
	assert_true(read.by_spf && !read.by_dkim && read.arrived_ms == 7);
	assert_true(read.fate == REPORT_FATE_SPAM && read.kind == OUT_FAILURE_DKIM);
	check_str(read.header, made.header);
	check_str(read.to[0], made.to[0]);
	for (size_t n = 0; n < b.n; n++)
		assert_false(out_failure_unpack(str_sub(buf_str(&b), 0, n), &read));
	buf_deinit(&b);
	arena_deinit(&a);
}

static void wanted(void **state)
{
	static const struct {
		const char *setting, *record;
		bool want;
	} rows[] = {
		{ "off", RECORD, false },
		{ "headers", RECORD, true },
		{ "Headers", RECORD, true },
		{ "headers", "v=DMARC1; p=reject; rua=mailto:a@example.net; fo=1", false },
		{ "headers", "v=DMARC1; p=reject; ruf=mailto:a@example.net; fo=s", false },
		{ "headers", "v=DMARC1; p=reject; ruf=mailto:a@example.net; fo=1:s", true },
		{ "headers", "nonsense", false },
	};
	struct report_failure f = { .has_dkim = true, .has_spf = true };
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct settings settings = { .reports_failure = str_of(rows[i].setting) };
		struct live *live = live_of(&settings);

		f.record = str_of(rows[i].record);
		check_at(i, (out_failure_wanted(live, &f) != 0) == rows[i].want);
		live_free(&live);
	}
	assert_int_equal(report_out_failure_check(STR("OFF"), &why), OK);
	assert_int_equal(report_out_failure_check(STR("headers"), &why), OK);
	assert_int_equal(report_out_failure_check(STR("all"), &why), ERR_SYNTAX);
	assert_int_equal(report_out_failure_check(STR(""), &why), ERR_SYNTAX);
}

static enum err spoil(struct txn *t, void *arg)
{
	char key[OUT_ROW_KEY_MAX];
	enum err e = kv_put(t, SPACE_REPORT_FAILED, STR("x"), STR_EMPTY);

	(void)arg;
	return e == OK ? kv_put(t, SPACE_REPORT_FAILED, out_head_key(key, 1, STR("x")), STR("x"))
	               : e;
}

static enum err mend(struct txn *t, void *arg)
{
	char key[OUT_ROW_KEY_MAX];
	enum err e = kv_del(t, SPACE_REPORT_FAILED, STR("x"));

	(void)arg;
	return e == OK ? kv_del(t, SPACE_REPORT_FAILED, out_head_key(key, 1, STR("x"))) : e;
}

static void fsck(void **state)
{
	struct sending s;

	(void)state;
	open(&s);
	assert_int_equal(store_write(s.f.ts.store, spoil, NULL, NULL), OK);
	assert_int_equal(fixture_fsck(&s.f), 2);
	assert_int_equal(store_write(s.f.ts.store, mend, NULL, NULL), OK);
	close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(once_a_day),      cmocka_unit_test(what_is_another),
		cmocka_unit_test(limits),          cmocka_unit_test(who_gets_it),
		cmocka_unit_test(kept_until_sent), cmocka_unit_test(refused_and_forgotten),
		cmocka_unit_test(packed),          cmocka_unit_test(wanted),
		cmocka_unit_test(fsck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
