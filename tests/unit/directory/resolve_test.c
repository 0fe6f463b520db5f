/* Where mail for an address ends up, and who may send from it. */
#include "unit/directory/fixture.h"

#include "foundation/config/limits.h"
#include "model/directory/may_send.h"

#include <stdio.h>

static struct temp_store ts;
static enum store_backend backend;

static const struct change script[] = {
	{ DOMAIN_ADD, "Example.ORG", NULL, OK },
	{ DOMAIN_ADD, "b.example", NULL, OK },
	{ DOMAIN_ADD, "empty.example", NULL, OK },
	{ ACCOUNT_ADD, "ada@example.org", "h", OK },
	{ OWNER_ADD, "Boss@example.org", "h", OK },
	{ ACCOUNT_ADD, "off@example.org", "h", OK },
	{ DISABLE, "off@example.org", NULL, OK },
	{ ACCOUNT_ADD, "a+b@example.org", "h", OK },
	{ ACCOUNT_ADD, "\"o d\"@example.org", "h", OK },
	{ ACCOUNT_ADD, "j\xc3\xb6rg@b.example", "h", OK },
	{ ACCOUNT_ADD, "all@b.example", "h", OK },
	{ CATCHALL, "b.example", "all@b.example", OK },
	{ ALIAS_ADD, "info@example.org", "ada@example.org", OK },
	{ ALIAS_ADD, "two@example.org", "ada@example.org,BOSS@example.org", OK },
	{ ALIAS_ADD, "nested@example.org", "two@example.org,info@example.org", OK },
	{ ALIAS_ADD, "out@example.org", "Some.One@Elsewhere.example,ada@example.org", OK },
	{ ALIAS_ADD, "tagged@example.org", "ada+lists@example.org", OK },
	{ ALIAS_ADD, "dead@example.org", "off@example.org", OK },
	{ ALIAS_ADD, "half@example.org", "off@example.org,ada@example.org", OK },
	{ ALIAS_ADD, "x@example.org", "ada@example.org", OK },
	{ ALIAS_ADD, "y@example.org", "x@example.org", OK },
	{ ALIAS_ADD, "x@example.org", "y@example.org", OK }, /* a circle, with a way out */
	{ ALIAS_ADD, "sales-*@example.org", "ada@example.org", OK },
	{ ALIAS_ADD, "Sales-Big-*@example.org", "boss@example.org", OK },
	{ ALIAS_ADD, "old.*@example.org", "*@example.org", OK },
	{ ALIAS_ADD, "x-*-*@example.org", "{2}.{1}@elsewhere.example", OK },
	{ ALIAS_ADD, "/^ticket-([0-9]+)$/@example.org", "ada+{1}@example.org", OK },
	{ DOMAIN_ADD, "alias.example", NULL, OK },
	{ ALIAS_ADD, "own@alias.example", "boss@example.org", OK },
	{ DOMAIN_ALIAS, "alias.example", "Example.org", OK },
	{ DOMAIN_ADD, "b\xc3\xbc" "cher.example", NULL, OK },
	{ DOMAIN_ADD, "XN--bcher-kva.example", NULL, ERR_CONFLICT },
	{ DOMAIN_ADD, "xn--n3h.example", NULL, ERR_SYNTAX },
	{ DOMAIN_ADD, "\xe2\x98\x83.example", NULL, ERR_SYNTAX },
	{ ACCOUNT_ADD, "idn@BU\xcc\x88" "CHER.example", "h", OK },
	{ ALIAS_ADD, "\xc3\xbc@xn--bcher-kva.example", "idn@b\xc3\xbc" "cher.example", OK },
};

/* A circle without one: the way out is an account that goes, or an address elsewhere that
 * turns into one of ours which nobody has. */
static const struct change circle[] = {
	{ ACCOUNT_ADD, "eve@example.org", "h", OK },
	{ ALIAS_ADD, "r@example.org", "eve@example.org", OK },
	{ ALIAS_ADD, "s@example.org", "r@example.org", OK },
	{ ALIAS_ADD, "r@example.org", "s@example.org", OK },
	{ ALIAS_ADD, "p@example.org", "ada@elsewhere.example", OK },
	{ ALIAS_ADD, "q@example.org", "p@example.org", OK },
	{ ALIAS_ADD, "p@example.org", "q@example.org", OK },
};

static int open_empty(void **state)
{
	(void)state;
	temp_store_open(&ts, backend);
	return 0;
}

static int open_store(void **state)
{
	open_empty(state);
	fixture_changes(ts.store, script, COUNT(script));
	return 0;
}

static int close_store(void **state)
{
	(void)state;
	temp_store_remove(&ts);
	return 0;
}

struct query {
	const char *reports_to;
	const char *rcpt;
	const char *separators;
	const char *hostname;
	struct arena *a;
	struct str out; /* "ok ada@example.org/tag other@x" */
	uint32_t account;
	enum err may;
};

static const char *const verdicts[] = {
	[RESOLVE_FOREIGN] = "foreign",
	[RESOLVE_UNKNOWN] = "unknown",
	[RESOLVE_DISABLED] = "disabled",
	[RESOLVE_LOOP] = "loop",
	[RESOLVE_OK] = "ok",
};

static void result_put(struct buf *b, const struct resolved *r)
{
	buf_fmt(b, "%s", verdicts[r->verdict]);
	for (size_t i = 0; i < r->count; i++) {
		buf_byte(b, ' ');
		if (r->targets[i].account == 0)
			buf_byte(b, '>');
		mailaddr_put(b, &r->targets[i].address);
		if (r->targets[i].detail.n != 0)
			buf_fmt(b, "/%.*s", STR_ARG(r->targets[i].detail));
	}
	if (r->count != 0 && r->alias)
		buf_put(b, STR(" alias"));
}

static enum err resolve_run(struct txn *t, void *arg)
{
	struct query *q = arg;
	struct resolve_config config = { str_of(q->separators), str_of(q->hostname), STR_EMPTY };
	struct mailaddr rcpt = { .local = STR("Postmaster") };
	struct resolved r;
	struct buf b;
	enum err e;

	if (q->reports_to != NULL)
		config.reports_to = str_of(q->reports_to);
	if (q->rcpt[0] != '\0')
		assert_true(mailaddr_of(str_of(q->rcpt), q->a, MAILADDR_UTF8 | MAILADDR_LITERAL,
		                        &rcpt));
	e = directory_resolve(t, rcpt, &config, q->a, &r);
	if (e != OK)
		return e;
	buf_init(&b, 1000);
	result_put(&b, &r);
	q->out = str_dup(q->a, buf_str(&b));
	buf_deinit(&b);
	if (q->account != 0)
		q->may = directory_may_send(t, q->account, rcpt, &config, NULL);
	return OK;
}

static void check_query(size_t i, struct query q, const char *want)
{
	struct arena a = { 0 };

	q.a = &a;
	assert_int_equal(store_read(ts.store, resolve_run, &q), OK);
	check_str_at(i, q.out, str_of(want));
	arena_deinit(&a);
}

static void check_resolve(size_t i, const char *rcpt, const char *separators, const char *want)
{
	check_query(i, (struct query){ .rcpt = rcpt,
		                          .separators = separators,
		                          .hostname = "mx.example.net" }, want);
}

static void check_host_resolve(size_t i, const char *hostname, const char *rcpt, const char *want)
{
	check_query(i,
	            (struct query){ .rcpt = rcpt, .separators = "+", .hostname = hostname }, want);
}

static void resolves(void **state)
{
	static const struct {
		const char *rcpt, *want;
		const char *separators;
	} rows[] = {
		{ "ada@example.org", "ok ada@example.org", "+" },
		{ "ADA@EXAMPLE.org", "ok ada@example.org", "+" }, /* case is ours: RFC 5321 2.4 */
		{ "\"ada\"@example.org", "ok ada@example.org", "+" },
		{ "\"O D\"@example.org", "ok \"o d\"@example.org", "+" },
		{ "ada@elsewhere.example", "foreign", "+" },
		{ "ada@[192.0.2.1]", "foreign", "+" },
		{ "adam@example.org", "unknown", "+" },
		{ "any@empty.example", "unknown", "+" },
		/* tags */
		{ "ada+Shop@example.org", "ok ada@example.org/Shop", "+" },
		{ "ada+@example.org", "ok ada@example.org", "+" },
		{ "ada+a+b@example.org", "ok ada@example.org/a+b", "+" },
		{ "ada-x@example.org", "unknown", "+" },
		{ "ada-x@example.org", "ok ada@example.org/x", "-" },
		{ "ada+x@example.org", "unknown", "" },
		{ "+x@example.org", "unknown", "+" },
		{ "a+b@example.org", "ok a+b@example.org", "+" }, /* exact wins */
		{ "nobody+x@example.org", "unknown", "+" },
		{ "ada-x+y@example.org", "ok ada@example.org/x+y", "+-" },
		{ "a+b-y@example.org", "ok a+b@example.org/y", "+-" },
		{ "a+b+y@example.org", "ok a+b@example.org/y", "+" },
		{ "ada+1+2+3+4+5+6+7+8@example.org",
		  "ok ada@example.org/1+2+3+4+5+6+7+8", "+" },
		{ "ada+1+2+3+4+5+6+7+8+9@example.org", "unknown", "+" },
		/* UTF-8, in either normal form */
		{ "j\xc3\xb6rg@b.example", "ok j\xc3\xb6rg@b.example", "+" },
		{ "jo\xcc\x88rg@b.example", "ok j\xc3\xb6rg@b.example", "+" },
		/* aliases */
		{ "info@example.org", "ok ada@example.org alias", "+" },
		{ "info+x@example.org", "ok ada@example.org/x alias", "+" },
		{ "tagged@example.org", "ok ada@example.org/lists alias", "+" },
		{ "tagged+x@example.org", "ok ada@example.org/lists alias", "+" },
		{ "two@example.org", "ok ada@example.org boss@example.org alias", "+" },
		{ "nested@example.org", "ok ada@example.org boss@example.org alias", "+" },
		{ "out@example.org", "ok >Some.One@elsewhere.example ada@example.org alias", "+" },
		{ "y@example.org", "ok ada@example.org alias", "+" },
		/* disabled */
		{ "off@example.org", "disabled", "+" },
		{ "dead@example.org", "disabled", "+" },
		{ "half@example.org", "ok ada@example.org alias", "+" },
		/* catch-all */
		{ "whoever@b.example", "ok all@b.example alias", "+" },
		{ "whoever+x@b.example", "ok all@b.example alias", "+" },
		/* patterns: the most letters first, expressions last, then the catch-all */
		{ "sales-north@example.org", "ok ada@example.org alias", "+" },
		{ "Sales-Big-X@example.org", "ok boss@example.org alias", "+" },
		{ "old.ada@example.org", "ok ada@example.org alias", "+" },
		{ "old.nobody@example.org", "unknown", "+" },
		{ "ticket-17@example.org", "ok ada@example.org/17 alias", "+" },
		{ "ticket-x@example.org", "unknown", "+" },
		{ "x-a-b@example.org", "ok >b.a@elsewhere.example alias", "+" },
		/* a domain that is another name of one */
		{ "ada@alias.example", "ok ada@example.org alias", "+" },
		/* one domain, whichever way it is written */
		{ "IDN@b\xc3\xbc" "cher.example", "ok idn@xn--bcher-kva.example", "+" },
		{ "idn@Xn--Bcher-Kva.example", "ok idn@xn--bcher-kva.example", "+" },
		{ "u\xcc\x88@b\xc3\xbc" "cher.example", "ok idn@xn--bcher-kva.example alias", "+" },
		{ "Ada+Shop@alias.example", "ok ada@example.org/Shop alias", "+" },
		{ "info@alias.example", "ok ada@example.org alias", "+" },
		{ "own@alias.example", "ok boss@example.org alias", "+" },
		{ "nobody@alias.example", "unknown", "+" },
		{ "postmaster@alias.example", "ok boss@example.org alias", "+" },
		/* postmaster: RFC 5321 4.5.1 */
		{ "", "ok boss@example.org alias", "+" },
		{ "PostMaster@example.org", "ok boss@example.org alias", "+" },
		{ "postmaster@empty.example", "ok boss@example.org alias", "+" },
		{ "postmaster@b.example", "ok boss@example.org alias", "+" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_resolve(i, rows[i].rcpt, rows[i].separators, rows[i].want);
}

static void postmaster_without_owner(void **state)
{
	static const struct change changes[] = {
		{ DOMAIN_ADD, "example.org", NULL, OK },
		{ DOMAIN_ADD, "b.example", NULL, OK },
		{ ACCOUNT_ADD, "ada@example.org", "h", OK },
		{ ACCOUNT_ADD, "all@b.example", "h", OK },
		{ ALIAS_ADD, "postmaster@b.example", "all@b.example", OK },
	};

	(void)state;
	fixture_changes(ts.store, changes, COUNT(changes));
	check_resolve(0, "postmaster@example.org", "+", "ok ada@example.org alias");
	check_resolve(1, "postmaster@b.example", "+", "ok all@b.example alias");
}

/* RFC 3464 2: who answers a report reaches a person, whose domain the host name may be. */
static void answers_to_reports(void **state)
{
	static const struct change changes[] = {
		{ ALIAS_ADD, "reports@example.org", "MAILER-DAEMON@mx.example.net", OK },
		{ CATCHALL, "example.org", "ada@example.org", OK },
		{ ALIAS_ADD, "postmaster@b.example", "ada@example.org", OK },
	};
	static const struct {
		const char *hostname, *rcpt, *want;
	} rows[] = {
		{ "mx.example.net", "MAILER-DAEMON@mx.example.net", "ok boss@example.org alias" },
		{ "mx.example.net", "mailer-daemon@MX.example.NET", "ok boss@example.org alias" },
		{ "mx.example.net", "Postmaster@mx.example.net", "ok boss@example.org alias" },
		{ "mx.example.net", "reports@example.org", "ok boss@example.org alias" },
		{ "mx.example.net", "boss@mx.example.net", "foreign" },
		{ "mx.example.net", "postmaster@example.net", "foreign" },
		{ "mx.example.net", "mailer-daemon@example.org", "ok ada@example.org alias" },
		{ "example.org", "mailer-daemon@example.org", "ok boss@example.org alias" },
		{ "example.org", "postmaster@example.org", "ok boss@example.org alias" },
		{ "b.example", "mailer-daemon@b.example", "ok ada@example.org alias" },
		{ "alias.example", "mailer-daemon@alias.example", "ok boss@example.org alias" },
		{ "", "mailer-daemon@mx.example.net", "foreign" },
	};

	(void)state;
	fixture_changes(ts.store, changes, COUNT(changes));
	for (size_t i = 0; i < COUNT(rows); i++)
		check_host_resolve(i, rows[i].hostname, rows[i].rcpt, rows[i].want);
}

/* Who is asked to report somewhere finds somebody there; whoever has the name has the mail. */
static void reports_reach_somebody(void **state)
{
	static const struct change changes[] = {
		{ ALIAS_ADD, "postmaster@empty.example", "ada@example.org", OK },
		{ DOMAIN_ADD, "own.example", NULL, OK },
		{ ALIAS_ADD, "abuse@own.example", "ada@example.org", OK },
	};
	static const struct {
		const char *rcpt, *want;
	} rows[] = {
		{ "abuse@example.org", "ok boss@example.org alias" },
		{ "ABUSE@Example.org", "ok boss@example.org alias" },
		{ "abuse@empty.example", "ok ada@example.org alias" },
		{ "abuse@own.example", "ok ada@example.org alias" },
		{ "abuse@alias.example", "ok boss@example.org alias" },
		{ "abuse@b.example", "ok all@b.example alias" },
		{ "tls@example.org", "ok boss@example.org alias" },
		{ "tls@empty.example", "unknown" },
		{ "dmarc@example.org", "unknown" },
		{ "abuse@elsewhere.example", "foreign" },
	};

	(void)state;
	fixture_changes(ts.store, changes, COUNT(changes));
	for (size_t i = 0; i < COUNT(rows); i++)
		check_query(i,
		            (struct query){ .rcpt = rows[i].rcpt,
			                    .separators = "+",
			                    .hostname = "",
			                    .reports_to = "postmaster, Abuse ,tls@example.org," },
		            rows[i].want);
}

static void circles_end(void **state)
{
	static const struct change no_way_out[] = {
		{ DOMAIN_ADD, "elsewhere.example", NULL, OK },
		{ ACCOUNT_RM, "eve@example.org", NULL, OK },
	};

	(void)state;
	fixture_changes(ts.store, circle, COUNT(circle));
	check_resolve(0, "q@example.org", "+", "ok >ada@elsewhere.example alias");
	check_resolve(0, "r@example.org", "+", "ok eve@example.org alias");
	fixture_changes(ts.store, no_way_out, COUNT(no_way_out));
	check_resolve(1, "q@example.org", "+", "unknown");
	check_resolve(2, "r@example.org", "+", "loop");
	check_resolve(3, "s@example.org", "+", "loop");
}

/* A chain of aliases ends at the limit, and one longer is refused rather than cut. */
static void depth_has_a_limit(void **state)
{
	char name[2][40] = { "ada@example.org" };

	(void)state;
	for (int i = 1; i <= LIMIT_alias_depth + 1; i++) {
		struct change change = { ALIAS_ADD, name[i % 2], name[(i + 1) % 2], OK };

		snprintf(name[i % 2], sizeof(name[0]), "deep%d@example.org", i);
		fixture_changes(ts.store, &change, 1);
		check_resolve((size_t)i, name[i % 2], "+",
		              i <= LIMIT_alias_depth ? "ok ada@example.org alias" : "loop");
	}
}

enum { WIDE = LIMIT_alias_visits / LIMIT_alias_targets };

/* Aliases "wideN" with as many targets as may be, and "all" that names them. */
static enum err wide_aliases(struct txn *t, void *arg)
{
	struct str targets[LIMIT_alias_targets], wide[WIDE];
	enum err e = OK;

	(void)arg;
	for (int i = 0; e == OK && i < WIDE; i++) {
		wide[i] = str_fmt(txn_arena(t), "wide%d@example.org", i);
		for (int j = 0; j < LIMIT_alias_targets; j++)
			targets[j] = str_fmt(txn_arena(t), "u%d-%d@elsewhere.example", i, j);
		e = alias_add(t, wide[i], targets, COUNT(targets), NULL);
	}
	return e != OK ? e : alias_add(t, STR("all@example.org"), wide, WIDE, NULL);
}

static enum err wide_resolve(struct txn *t, void *arg)
{
	struct resolve_config config = { .separators = STR("+") };
	struct mailaddr rcpt = { STR("wide0"), STR("example.org") };
	enum err e = directory_resolve(t, rcpt, &config, txn_arena(t), arg);

	assert_int_equal(((struct resolved *)arg)->count, LIMIT_alias_targets);
	rcpt.local = STR("all");
	return e != OK ? e : directory_resolve(t, rcpt, &config, txn_arena(t), arg);
}

/* As many targets as one alias may have are fine; more than a recipient may cost are not
 * cut but refused. */
static void width_has_a_limit(void **state)
{
	struct resolved r;

	(void)state;
	assert_int_equal(store_write(ts.store, wide_aliases, NULL, NULL), OK);
	assert_int_equal(store_read(ts.store, wide_resolve, &r), OK);
	assert_int_equal(r.verdict, RESOLVE_LOOP);
	assert_int_equal(r.count, 0);
}

static void who_may_send(void **state)
{
	static const struct {
		const char *sender;
		uint32_t account; /* 1 ada, 2 boss, 7 all */
		enum err want;
	} rows[] = {
		{ "ada@example.org", 1, OK },
		{ "Ada+shop@example.org", 1, OK },
		{ "info@example.org", 1, OK },
		{ "y@example.org", 1, OK },
		{ "tagged@example.org", 1, OK },
		{ "two@example.org", 1, ERR_DENIED },
		{ "out@example.org", 1, ERR_DENIED },
		{ "boss@example.org", 1, ERR_DENIED },
		{ "ada@example.org", 2, ERR_DENIED },
		{ "ada@elsewhere.example", 1, ERR_DENIED },
		{ "nobody@example.org", 1, ERR_DENIED },
		{ "postmaster@example.org", 1, ERR_DENIED },
		{ "postmaster@example.org", 2, OK },
		{ "", 2, OK }, /* <Postmaster> */
		{ "any@b.example", 7, OK },
		{ "any@b.example", 1, ERR_DENIED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct query q = { .rcpt = rows[i].sender,
			           .separators = "+",
			           .hostname = "mx.example.org",
			           .a = &a,
			           .account = rows[i].account };

		assert_int_equal(store_read(ts.store, resolve_run, &q), OK);
		check_at(i, q.may == rows[i].want);
		arena_deinit(&a);
	}
}

static enum err null_sender(struct txn *t, void *arg)
{
	const uint32_t *account = arg;
	struct resolve_config config = { .separators = STR("+") };

	return directory_may_send(t, *account, (struct mailaddr){ 0 }, &config, NULL);
}

/* RFC 6409 3.2 */
static void null_sender_is_any_accounts(void **state)
{
	static const struct {
		uint32_t account;
		enum err want;
	} rows[] = { { 1, OK }, { 2, OK }, { 3, ERR_DENIED /* off */ }, { 999, ERR_DENIED } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t account = rows[i].account;

		check_at(i, store_read(ts.store, null_sender, &account) == rows[i].want);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(resolves),
		cmocka_unit_test_setup_teardown(postmaster_without_owner, open_empty, close_store),
		TEST(answers_to_reports),
		TEST(reports_reach_somebody),
		TEST(circles_end),
		TEST(depth_has_a_limit),
		TEST(width_has_a_limit),
		TEST(who_may_send),
		TEST(null_sender_is_any_accounts),
	};
	int failed = 0;

	backend = STORE_MEMORY;
	failed += cmocka_run_group_tests_name("memory", tests, NULL, NULL);
	backend = STORE_LMDB;
	failed += cmocka_run_group_tests_name("lmdb", tests, NULL, NULL);
	return failed;
}
