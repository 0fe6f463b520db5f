/* Reports to other domains: counted, limited, sent once, put off, given up. */
#include "unit/reports_out/out_fixture.h"

#include "flow/reports_out/suppress.h"
#include "formats/message/header.h"

#define RECORD "v=DMARC1; p=reject; rua=mailto:a@example.net!1m"
#define CONSENT "example.com._report._dmarc.example.net"

enum { DAY = 20000 };

static const struct dns_fake_row zone[] = {
	{ CONSENT, "TXT", "v=DMARC1" },
	{ "dead.example._report._dmarc.example.net", "*", "SERVFAIL" },
	{ NULL, NULL, NULL },
};

struct looking {
	struct fixture *f;
	uint32_t day;
	struct str domain;
	struct out_due due;
	struct out_head head;
	enum err due_is, head_is;
	size_t rows; /* of dmarc_seen */
};

static enum err look_run(struct txn *t, void *arg)
{
	struct looking *l = arg;
	struct out_dmarc_at at = { l->day, l->domain };
	struct kv_iter it;

	l->head_is = out_dmarc_head(t, &at, &l->f->a, &l->head);
	l->due_is = out_due_get(t, l->day * OUT_DAY_S, REPORT_DMARC, l->domain, &l->f->a, &l->due);
	l->rows = 0;
	kv_iter_prefix(&it, t, SPACE_DMARC_SEEN, STR_EMPTY);
	while (kv_iter_next(&it))
		l->rows++;
	return kv_iter_end(&it);
}

static struct looking look(struct fixture *f, const char *domain)
{
	struct looking l = { .f = f, .day = DAY, .domain = str_of(domain) };

	assert_int_equal(store_read(f->ts.store, look_run, &l), OK);
	return l;
}

static enum err post_of(struct fixture *f, const char *domain, bool today)
{
	struct out_post p = { .config = &f->config, .stop = &f->stop, .now = true };
	struct out_dmarc_at at = { DAY, str_of(domain) };

	return out_post_dmarc(&p, &at, today, NULL);
}

static enum err post(struct fixture *f, const char *domain)
{
	return post_of(f, domain, false);
}

static void test_once(void **state)
{
	struct fixture f;
	struct looking l;

	(void)state;
	fixture_open(&f, zone);
	for (int i = 0; i < 3; i++)
		fixture_seen(&f, DAY, "example.com", RECORD, "192.0.2.1");
	fixture_flush(&f);
	fixture_seen(&f, DAY, "example.com", RECORD, "192.0.2.1");
	fixture_seen(&f, DAY, "example.com", RECORD, "192.0.2.2");
	fixture_flush(&f);
	l = look(&f, "example.com");
	assert_int_equal(l.head.rows, 2);
	assert_int_equal(l.head.messages, 5);
	assert_int_equal(l.rows, 4);
	assert_int_equal(fixture_fsck(&f), 0);
	assert_int_equal(post(&f, "example.com"), OK);
	assert_int_equal(f.sent_count, 1);
	assert_true(str_eq(f.sent[0].to.domain, STR("example.net")));
	assert_true(str_find(f.sent[0].raw, STR("20001")) < 0);
	assert_true(str_find(f.sent[0].raw, STR("!1728000000!1728086399!")) > 0);
	l = look(&f, "example.com");
	assert_int_equal(l.rows, 0);
	assert_int_equal(l.due.state, OUT_SENT);
	assert_int_equal(l.due.messages, 5);
	assert_int_equal(post(&f, "example.com"), OK);
	assert_int_equal(f.sent_count, 1);
	fixture_close(&f);
}

static void more_come(struct fixture *f)
{
	for (int i = 0; i < 3; i++)
		fixture_seen(f, DAY, "example.com", RECORD, "192.0.2.1");
	fixture_seen(f, DAY, "example.com", RECORD, "192.0.2.3");
	fixture_flush(f);
}

/* What is counted between reading and sending is in the next report, and nothing is in two. */
static void test_counted_meanwhile(void **state)
{
	(void)state;
	for (int today = 0; today < 2; today++) {
		struct fixture f;
		struct looking l;

		fixture_open(&f, zone);
		fixture_seen(&f, DAY, "example.com", RECORD, "192.0.2.1");
		fixture_seen(&f, DAY, "example.com", RECORD, "192.0.2.2");
		fixture_flush(&f);
		f.meanwhile = more_come;
		check_at(today, post_of(&f, "example.com", today) == OK && f.sent_count == 1);
		l = look(&f, "example.com");
		check_at(today, l.due.messages == 2);
		check_at(today, l.head_is == OK && l.head.rows == 2 && l.head.messages == 4);
		check_at(today, l.head.begin_s == l.due.end_s);
		check_at(today, l.rows == 4 && fixture_fsck(&f) == 0);
		f.meanwhile = NULL;
		check_at(today, post_of(&f, "example.com", today) == OK && f.sent_count == 2);
		check_at(today, str_find(f.sent[1].raw, STR(": 4 messages.")) > 0);
		l = look(&f, "example.com");
		check_at(today, today ? l.head.messages == 0 && l.rows == 2 : l.rows == 0);
		fixture_close(&f);
	}
}

static void one_is_sent(struct fixture *f)
{
	f->meanwhile = NULL;
	assert_int_equal(post_of(f, "example.com", true), OK);
}

/* Nobody gets what another report was made of. */
static void test_sent_meanwhile(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, zone);
	fixture_seen(&f, DAY, "example.com", RECORD, "192.0.2.1");
	fixture_flush(&f);
	f.meanwhile = one_is_sent;
	assert_int_equal(post_of(&f, "example.com", true), OK);
	assert_int_equal(f.sent_count, 1);
	fixture_close(&f);
}

/* A transaction that fails leaves what was counted, and sends nothing. */
static void test_put_off(void **state)
{
	static const enum err errors[] = { ERR_FULL, ERR_LIMIT, ERR_IO };

	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		struct fixture f;
		struct looking l;

		fixture_open(&f, zone);
		/* today, so that it is not given up */
		fixture_seen(&f, DAY, "example.com", RECORD, "192.0.2.1");
		fixture_flush(&f);
		f.put = errors[i];
		check_at(i, post(&f, "example.com") == (errors[i] == ERR_IO ? ERR_IO : OK));
		check_at(i, f.sent_count == 0);
		l = look(&f, "example.com");
		if (errors[i] == ERR_IO) {
			check_at(i, l.due_is == ERR_MISSING && l.head.rows == 1);
			f.put = OK;
			check_at(i, post(&f, "example.com") == OK && f.sent_count == 1);
		} else { /* long ago: given up */
			check_at(i, l.due.state == OUT_UNSENT && l.rows == 0);
		}
		fixture_close(&f);
	}
}

static void test_who_gets_it(void **state)
{
	static const struct {
		const char *domain, *record;
		enum out_state state;
		const char *why;
	} cases[] = {
		{ "example.com", RECORD, OUT_SENT, "" },
		{ "sub.example.net", RECORD, OUT_SENT, "" }, /* of one organization */
		{ "other.example", RECORD, OUT_UNSENT,
		  "its domain has no record that it wants reports about this one" },
		{ "dead.example", RECORD, OUT_UNSENT,
		  "DNS does not say whether its domain wants reports" },
		{ "example.com", "v=DMARC1; p=none; rua=mailto:a@example.net!1k", OUT_UNSENT,
		  "the report is too large for the address; an error report was sent" },
		{ "example.com", "v=DMARC1; p=none; rua=ftp://example.net/", OUT_UNSENT,
		  "it is no address of mail" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		struct looking l;

		fixture_open(&f, zone);
		fixture_seen(&f, DAY, cases[i].domain, cases[i].record, "192.0.2.1");
		fixture_flush(&f);
		check_at(i, post(&f, cases[i].domain) == OK);
		l = look(&f, cases[i].domain);
		check_at(i, l.due.state == cases[i].state && l.due.to_count == 1);
		check_at(i, str_eq(l.due.to[0].why, str_of(cases[i].why)));
		/* RFC 7489 7.2.2: the notice is sent too */
		check_at(i, f.sent_count ==
		                    (cases[i].state == OUT_SENT ||
		                     str_ends(str_of(cases[i].why), STR("report was sent"))));
		check_at(i, l.rows == 0); /* what nobody takes is forgotten too */
		fixture_close(&f);
	}
}

/* One mailbox may be behind several addresses, and keep one letter of each identifier. */
static void test_letters_differ(void **state)
{
	struct fixture f;
	struct str ids[2];

	(void)state;
	fixture_open(&f, zone);
	fixture_seen(&f, DAY, "example.com",
	             "v=DMARC1; p=none; rua=mailto:a@example.net,mailto:b@example.net",
	             "192.0.2.1");
	fixture_flush(&f);
	assert_int_equal(post(&f, "example.com"), OK);
	assert_int_equal(f.sent_count, 2);
	for (int i = 0; i < 2; i++) {
		struct header_field field;

		assert_true(header_find(f.sent[i].raw, STR("Message-ID"), &field));
		ids[i] = field.value;
	}
	assert_false(str_eq(ids[0], ids[1]));
	fixture_close(&f);
}

/* The value of a field of the notice, in the last of what was sent. */
static struct str notice_value(struct fixture *f, const char *name)
{
	struct str raw = f->sent[f->sent_count - 1].raw, value;
	struct str field = str_fmt(&f->a, "\r\n%s: ", name);
	ptrdiff_t at = str_find(raw, field);

	assert_true(at > 0);
	value = str_sub(raw, (size_t)at + field.n, raw.n);
	return str_sub(value, 0, (size_t)str_find_byte(value, '\r'));
}

/* RFC 7489 7.2.2: who wants it, and finds it too large, is told so; each of his own, and nobody
 * when somebody gets it. */
static void test_notice(void **state)
{
	static const char all[] = "v=DMARC1; p=none; rua=mailto:a@example.net!1k,"
				  "mailto:longer.name@example.net!1k";
	struct fixture f;
	struct looking l;

	(void)state;
	fixture_open(&f, zone);
	fixture_seen(&f, DAY, "example.com", all, "192.0.2.1");
	fixture_flush(&f);
	assert_int_equal(post(&f, "example.com"), OK);
	assert_int_equal(f.sent_count, 2);
	l = look(&f, "example.com");
	assert_true(l.due.state == OUT_UNSENT && !l.due.to[0].sent && l.rows == 0);
	check_str(notice_value(&f, "Submitting-URI"), STR("mailto:longer.name@example.net"));
	check_str(notice_value(&f, "Report-Domain"), STR("example.com"));
	check_str(notice_value(&f, "Submitter"), STR("mx.example.org"));
	check_str(notice_value(&f, "Report-ID"),
	          str_fmt(&f.a, "<%.*s@mx.example.org>", STR_ARG(l.due.id)));
	f.sent_count = 1; /* the first is about a message that was shorter by the names in To */
	assert_true(str_cmp(notice_value(&f, "Report-Size"), STR("1024")) > 0);
	assert_true(str_find(f.sent[0].raw, STR("application/gzip")) < 0);
	f.sent_count = 0;
	fixture_seen(&f, DAY, "example.com",
	             "v=DMARC1; p=none; rua=mailto:a@example.net!1k,mailto:b@example.net!1m",
	             "192.0.2.1");
	fixture_flush(&f);
	assert_int_equal(post(&f, "example.com"), OK);
	assert_int_equal(f.sent_count, 1);
	check_str(f.sent[0].to.local, STR("b"));
	fixture_close(&f);
}

static void test_nobody_here(void **state)
{
	struct fixture f;
	struct looking l;

	(void)state;
	fixture_open(&f, zone);
	fixture_seen(&f, DAY, "example.com", RECORD, "192.0.2.1");
	fixture_flush(&f);
	f.begin = ERR_MISSING;
	assert_int_equal(post(&f, "example.com"), OK);
	l = look(&f, "example.com");
	assert_int_equal(l.due.state, OUT_UNSENT);
	assert_false(l.due.to[0].sent);
	fixture_close(&f);
}

static void test_limits(void **state)
{
	struct fixture f;
	struct looking l;

	(void)state;
	fixture_open(&f, zone);
	for (int i = 0; i < LIMIT_report_rows + 9; i++) {
		char ip[32];

		snprintf(ip, sizeof ip, "10.0.%d.%d", i / 256, i % 256);
		fixture_seen(&f, DAY, "example.com", RECORD, ip);
	}
	fixture_flush(&f);
	l = look(&f, "example.com");
	assert_int_equal(l.head.rows, LIMIT_report_rows);
	assert_int_equal(l.head.messages, LIMIT_report_rows);
	for (int i = 0; i < LIMIT_report_domains + 9; i++) {
		char domain[32];

		snprintf(domain, sizeof domain, "d%d.example", i);
		fixture_seen(&f, DAY + 1, domain, RECORD, "192.0.2.1");
		if (i % LIMIT_report_gathered == LIMIT_report_gathered - 1)
			fixture_flush(&f);
	}
	fixture_flush(&f);
	l = look(&f, "example.com");
	assert_int_equal(l.rows, 2 + LIMIT_report_rows + 1 + 2 * LIMIT_report_domains);
	fixture_seen(&f, DAY, "", RECORD, "192.0.2.1"); /* no domain is none */
	fixture_flush(&f);
	assert_int_equal(look(&f, "").rows, l.rows);
	fixture_close(&f);
}

struct suppressing {
	struct fixture *f;
	int64_t now_ms;
	enum err found;
	struct out_suppressed s;
	size_t refusals; /* first */
	bool end;
};

static enum err suppress_run(struct txn *t, void *arg)
{
	const struct mailaddr to = { STR("A"), STR("example.net") };
	struct suppressing *x = arg;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < x->refusals; i++)
		e = out_suppress(t, &to, STR("550 no"), x->now_ms);
	if (e == OK && x->end)
		e = out_unsuppress(t, STR("a@EXAMPLE.net"));
	x->found = out_suppress_find(t, &to, x->now_ms, &x->f->a, &x->s);
	return e == OK ? out_suppress_expire(t, x->now_ms, 10) : e;
}

static enum err suppress_ask(struct fixture *f, int64_t now_ms, size_t refusals, bool end,
                             int64_t *until_ms)
{
	struct suppressing x = { .f = f, .now_ms = now_ms, .refusals = refusals, .end = end };

	assert_int_equal(store_write(f->ts.store, suppress_run, &x, NULL), OK);
	*until_ms = x.found == OK ? x.s.until_ms : 0;
	return x.found;
}

/* For a day, then twice as long each time, up to 64 days; what arrives ends it. */
static void test_suppression(void **state)
{
	const int64_t day = OUT_DAY_S * 1000, now = DAY * day;
	struct fixture f;
	int64_t until;

	(void)state;
	fixture_open(&f, zone);
	assert_int_equal(suppress_ask(&f, now, 0, false, &until), ERR_MISSING);
	assert_int_equal(suppress_ask(&f, now, 1, false, &until), OK);
	assert_int_equal(until, now + day);
	assert_int_equal(suppress_ask(&f, now + day, 0, false, &until), ERR_MISSING);
	assert_int_equal(suppress_ask(&f, now + day, 1, false, &until), OK);
	assert_int_equal(until, now + 3 * day);
	assert_int_equal(suppress_ask(&f, now, 9, false, &until), OK);
	assert_int_equal(until, now + 64 * day);
	fixture_seen(&f, DAY, "example.com", RECORD, "192.0.2.1");
	fixture_flush(&f);
	assert_int_equal(suppress_ask(&f, now, 1, true, &until), ERR_MISSING);
	assert_int_equal(suppress_ask(&f, clock_real_ms(), 1, false, &until), OK);
	assert_int_equal(post(&f, "example.com"), OK);
	assert_int_equal(f.sent_count, 0);
	assert_true(str_starts(look(&f, "example.com").due.to[0].why, STR("suppressed")));
	fixture_close(&f);
}

static bool count_due(const struct out_due *d, void *arg)
{
	(void)d;
	(*(size_t *)arg)++;
	return true;
}

static enum err due_run(struct txn *t, void *arg)
{
	struct fixture *f = arg;
	struct out_due d = { .kind = REPORT_DMARC, .domain = STR("example.com"), .to_count = 1 };
	size_t n = 0;
	enum err e;

	for (d.begin_s = 1; d.begin_s <= 5; d.begin_s++)
		if ((e = out_due_put(t, &d)))
			return e;
	d.begin_s = 3;
	e = out_due_each(t, out_due_key_text(&f->a, &d), count_due, &n);
	assert_int_equal(n, 2);
	if (e == OK)
		e = out_due_expire(t, 4, 2);
	n = 0;
	if (e == OK)
		e = out_due_each(t, STR("nonsense"), count_due, &n);
	assert_int_equal(n, 3);
	return e;
}

static void test_due(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, zone);
	assert_int_equal(store_write(f.ts.store, due_run, &f, NULL), OK);
	fixture_close(&f);
}

static enum err spoil(struct txn *t, void *arg)
{
	char key[OUT_ROW_KEY_MAX];
	enum err e = kv_put(t, SPACE_REPORT_DUE, STR("x"), STR_EMPTY);

	(void)arg;
	if (e == OK)
		e = kv_put(t, SPACE_DMARC_SEEN, out_head_key(key, DAY, STR("x")), STR("x"));
	return e;
}

static enum err mend(struct txn *t, void *arg)
{
	char key[OUT_ROW_KEY_MAX];
	enum err e = kv_del(t, SPACE_REPORT_DUE, STR("x"));

	(void)arg;
	return e == OK ? kv_del(t, SPACE_DMARC_SEEN, out_head_key(key, DAY, STR("x"))) : e;
}

static void test_fsck(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, zone);
	assert_int_equal(store_write(f.ts.store, spoil, NULL, NULL), OK);
	assert_int_equal(fixture_fsck(&f), 3);
	assert_int_equal(store_write(f.ts.store, mend, NULL, NULL), OK);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_counted_meanwhile),
		cmocka_unit_test(test_sent_meanwhile),
		cmocka_unit_test(test_put_off),
		cmocka_unit_test(test_who_gets_it),
		cmocka_unit_test(test_letters_differ),
		cmocka_unit_test(test_notice),
		cmocka_unit_test(test_nobody_here),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_suppression),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_fsck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
