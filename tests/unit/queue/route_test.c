/* The rules of ROOST_ROUTES: what is refused, what fits, where mail goes, and that entries follow
 * rules that change and attempts that fail. */
#include "unit/queue/fixture.h"

#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/queue/add.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/route.h"
#include "model/queue/take.h"

/* --- what is a rule ------------------------------------------------------------------------- */

static void what_is_a_rule(void **state)
{
	static const struct {
		const char *text;
		const char *why; /* NULL: fine */
	} rows[] = {
		{ "", NULL },
		{ "via=mx", NULL },
		{ "to=*.x.example via=tunnel", NULL },
		{ "to=x.example from=<> account=*@y.example header=\"X-Bulk: yes\" via=mx", NULL },
		{ "via=mx name=n source=192.0.2.1 hello=n.example ip=only4 port=26", NULL },
		{ "via=mx name=n source=192.0.2.1,2001:db8::1 connections=2 messages=9", NULL },
		{ "via=isp recipients=1 proxy=tor fallback=mx after=3 tls=dane", NULL },
		{ "to=a via=reject text=\"550 5.7.1 no\" ; to=b via=discard", NULL },
		{ "via=local address=bob@example.org", NULL },
		{ "to=a via=isp\nto=b via=isp", NULL },
		{ "to=a via=isp\nto=b via=isp name=other source=192.0.2.1", NULL },
		{ "to=a", "line 1: via= is missing" },
		{ "\nvia=", "line 2: via= wants" },
		{ "via=a/b", "via= wants" },
		{ "via=a@b", "via= wants" },
		{ "via=mx name=" "12345678901234567890123456789012345678901", "name= wants" },
		{ "to= via=mx", "to= wants" },
		{ "via=mx colour=red", "line 1" },
		{ "via=mx via=mx", "line 1" },
		{ "via=mx here", "line 1" },
		{ "via=reject", "go together" },
		{ "via=mx text=\"550 no\"", "go together" },
		{ "via=reject text=\"450 no\"", "text= wants" },
		{ "via=reject text=550", "text= wants" },
		{ "via=reject text=\"600 x\"", "text= wants" },
		{ "via=isp after=3", "go together" },
		{ "via=isp fallback=mx", "go together" },
		{ "via=isp fallback=mx after=0", "after= wants" },
		{ "via=mx source=192.0.2.1", "mx is the plain way" },
		{ "via=mx name=n source=192.0.2.1,192.0.2.2", "source= wants" },
		{ "via=mx name=n source=here", "source= wants" },
		{ "via=mx name=n hello=-", "hello= wants" },
		{ "via=mx name=n ip=5", "ip= wants" },
		{ "via=mx name=n tls=yes", "tls= wants" },
		{ "via=mx name=n port=0", "port= wants" },
		{ "via=mx name=n port=65536", "port= wants" },
		{ "via=isp port=26", "a relay's is in ROOST_RELAYS" },
		{ "via=mx name=n connections=0", "connections= wants" },
		{ "via=mx address=a@b", "go together" },
		{ "via=local", "go together" },
		{ "header=X via=mx", "header= wants" },
		{ "to=a,*@*.bücher.example via=mx", NULL },
		{ "to=a,*@büch*.example via=mx", "line 1: a domain's label" },
		{ "to=a via=isp\nto=b via=isp source=192.0.2.1", "line 2: line 1 has a way" },
		{ "to=a via=mx name=n port=1 ; to=b via=mx name=n port=2", "line 1 has a way" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct routes r;
		struct why why = { "" };
		enum err e = routes_parse(str_of(rows[i].text), false, &a, &r, &why);

		check_at(i, e == (rows[i].why == NULL ? OK : ERR_SYNTAX));
		if (rows[i].why != NULL && strstr(why.text, rows[i].why) == NULL)
			fail_msg("row %zu: %s", i, why.text);
		arena_deinit(&a);
	}
}

/* A name may have LIMIT_route_name bytes, and goes into a field that has room for it. */
static void names_have_a_length(void **state)
{
	(void)state;
	assert_int_equal(LIMIT_route_name, QUEUE_NAME_MAX);
}

/* --- what fits ------------------------------------------------------------------------------- */

static void which_address_fits(void **state)
{
	static const struct {
		const char *patterns, *local, *domain;
		bool fits;
	} rows[] = {
		{ "x.example", "a", "x.example", true },
		{ "X.Example", "a", "x.example", true },
		{ "x.example", "a", "y.x.example", false },
		{ "*.x.example", "a", "y.x.example", true },
		{ "*.x.example", "a", "x.example", false },
		{ "*.x.example,x.example", "a", "x.example", true },
		{ "y.example , x.example", "a", "x.example", true },
		{ "a@x.example", "a", "x.example", true },
		{ "a@x.example", "b", "x.example", false },
		{ "a*@x.example", "ab", "x.example", true },
		{ "*@x.example", "ab", "x.example", true },
		{ "a@*", "a", "x.example", true },
		{ "*", "a", "x.example", true },
		{ "*", "", "", false }, /* the null sender is only fitted by name */
		{ "<>", "", "", true },
		{ "<>", "a", "x.example", false },
		{ "b@y.example,<>", "", "", true },
		{ ",", "a", "x.example", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mailaddr m = { str_of(rows[i].local), str_of(rows[i].domain) };

		check_at(i, route_address_fits(str_of(rows[i].patterns), &m) == rows[i].fits);
	}
}

static void which_header_fits(void **state)
{
	static const char header[] = "Subject: x\r\nX-Bulk:  yes \r\nx-bulk: no\r\n"
				     "List-Id: a\r\n b\r\n\r\nX-Body: yes\r\n";
	static const struct {
		const char *pattern;
		bool fits;
	} rows[] = {
		{ "X-Bulk: yes", true },  { "X-Bulk:yes", true },  { "x-BULK: NO", true },
		{ "X-Bulk:", true },      { "X-Bulk: *e*", true }, { "X-Bulk: e", false },
		{ "X-Bul: *", false },    { "List-Id: a*b", true }, { "X-Body: yes", false },
		{ "Subject: X", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, route_header_fits(str_of(rows[i].pattern), str_of(header)) ==
		                    rows[i].fits);
}

/* --- where it goes ---------------------------------------------------------------------------- */

static const char rules[] = "to=office.example via=tunnel\n"
			    "from=news.example via=mx name=news source=192.0.2.7\n"
			    "account=bob@* via=isp fallback=mx after=2\n"
			    "header=\"X-Bulk: yes\" via=bulk fallback=news after=1\n"
			    "to=spam.example,*.bücher.example via=discard\n"
			    "to=gone.example via=reject text=\"550 moved\" name=moved\n"
			    "to=plain.example via=mx fallback=isp after=1\n";

static void where_it_goes(void **state)
{
	static const struct {
		const char *sender, *rcpt, *account, *header, *route, *rests;
		struct queue_tried tried;
		bool smarthost;
		const char *destination;
	} rows[] = {
		{ .rcpt = "x.example", .destination = "x.example" },
		{ .rcpt = "x.example", .smarthost = true, .destination = "" },
		{ .rcpt = "office.example", .smarthost = true, .destination = "@tunnel" },
		{ .rcpt = "office.example", .sender = "news.example", .destination = "@tunnel" },
		{ .rcpt = "x.example", .sender = "news.example", .destination = "@news/x.example" },
		{ .rcpt = "x.example", .account = "bob@here.example", .destination = "@isp" },
		{ .rcpt = "x.example", .account = "ann@here.example", .destination = "x.example" },
		{ .rcpt = "x.example", .account = "bob@h", .tried = { STR("isp"), 1 },
		  .destination = "@isp" },
		{ .rcpt = "x.example", .account = "bob@h", .tried = { STR("isp"), 2 },
		  .destination = "x.example" },
		{ .rcpt = "x.example", .account = "bob@h", .tried = { STR("bulk"), 2 },
		  .destination = "@isp" },
		{ .rcpt = "x.example", .header = "X-Bulk: yes\r\n", .destination = "@bulk" },
		{ .rcpt = "x.example", .header = "X-Bulk: yes\r\n", .tried = { STR("bulk"), 1 },
		  .destination = "@news/x.example" },
		{ .rcpt = "spam.example", .destination = "@discard" },
		{ .rcpt = "x.xn--bcher-kva.example", .destination = "@discard" },
		{ .rcpt = "gone.example", .destination = "@moved" },
		{ .rcpt = "plain.example", .smarthost = true, .destination = "plain.example" },
		{ .rcpt = "plain.example", .tried = { STR(""), 1 }, .destination = "@isp" },
		/* somebody chose */
		{ .rcpt = "office.example", .route = "mx", .destination = "office.example" },
		{ .rcpt = "office.example", .route = "news",
		  .destination = "@news/office.example" },
		{ .rcpt = "office.example", .route = "isp", .destination = "@isp" },
		{ .rcpt = "office.example", .route = "isp", .tried = { STR("isp"), 2 },
		  .destination = "office.example" },
		{ .rcpt = "office.example", .route = "relay2", .destination = "@relay2" },
		/* what shares a way comes apart when it rests */
		{ .rcpt = "x.example", .smarthost = true, .rests = "X.example",
		  .destination = "@(smarthost)/x.example" },
		{ .rcpt = "x.example", .smarthost = true, .rests = "y.example", .destination = "" },
		{ .rcpt = "office.example", .rests = "office.example",
		  .destination = "@tunnel/office.example" },
		{ .rcpt = "office.example", .rests = "@tunnel/office.example",
		  .destination = "@tunnel/office.example" },
		{ .rcpt = "office.example", .rests = "@tunnel", .destination = "@tunnel" },
		{ .rcpt = "office.example", .rests = "office.example", .route = "relay2",
		  .destination = "@relay2/office.example" },
		{ .rcpt = "x.example", .rests = "x.example", .destination = "x.example" },
		{ .rcpt = "x.example", .sender = "news.example", .rests = "x.example",
		  .destination = "@news/x.example" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct queue_tried tried = rows[i].tried;
		struct queue_item item = { .envelope.route =
			                           str_of(rows[i].route ? rows[i].route : ""),
			                   .tried = &tried,
			                   .tried_count = 1 };
		struct route_ask ask = {
			.item = &item,
			.account = str_of(rows[i].account ? rows[i].account : ""),
			.header = str_of(rows[i].header ? rows[i].header : ""),
		};
		const struct str rests[] = { STR("other.example"),
			                     str_of(rows[i].rests ? rows[i].rests : "") };
		struct mailaddr rcpt = { STR("r"), str_of(rows[i].rcpt) };
		struct routes r;

		ask.rests = rests;
		ask.rest_count = rows[i].rests != NULL ? 2 : 0;
		if (rows[i].sender != NULL)
			item.envelope.sender =
				(struct mailaddr){ STR("s"), str_of(rows[i].sender) };
		assert_int_equal(routes_parse(str_of(rules), rows[i].smarthost, &a, &r, NULL), OK);
		assert_true(r.headers && r.accounts);
		check_str_at(i, route_destination(&r, &ask, &rcpt, &a),
		             str_of(rows[i].destination));
	}
	arena_deinit(&a);
}

static void destinations_come_apart(void **state)
{
	static const struct {
		const char *key, *name, *domain;
	} rows[] = {
		{ "", "", "" },
		{ "x.example", "", "x.example" },
		{ "[192.0.2.1]", "", "[192.0.2.1]" },
		{ "@tunnel", "tunnel", "" },
		{ "@news/x.example", "news", "x.example" },
		{ "@news/[IPv6:::1]", "news", "[IPv6:::1]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str name, domain;

		route_key_split(str_of(rows[i].key), &name, &domain);
		check_str_at(i, name, str_of(rows[i].name));
		check_str_at(i, domain, str_of(rows[i].domain));
	}
}

/* --- entries ------------------------------------------------------------------------- */

/* "a@x b@y -> destination; ..." by id. */
static struct str entries_text(struct fixture *f)
{
	struct queue_list list = fixture_entries(f);
	struct buf b;
	struct str text;

	buf_init(&b, 10000);
	for (size_t i = 0; i < list.count; i++) {
		const struct queue_item *item = &list.items[i];

		for (size_t k = 0; k < item->envelope.rcpt_count; k++) {
			mailaddr_put(&b, &item->envelope.rcpts[k].address);
			buf_byte(&b, ' ');
		}
		buf_fmt(&b, "-> %.*s; ", STR_ARG(item->destination));
	}
	text = str_dup(&f->arena, str_trim(buf_str(&b)));
	buf_deinit(&b);
	return text;
}

static void entries_follow_the_rules(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fixture_routes(&f, "to=a.example,b.example via=isp\n"
	                   "from=*.news.example via=mx name=n port=9");
	fixture_reopen(&f);
	fixture_place(&f);
	fixture_add(&f, "s@here.example", "1@a.example 2@c.example 3@b.example 4@c.example");
	fixture_add(&f, "s@x.news.example", "5@a.example 6@c.example");
	check_str(entries_text(&f),
	          STR("1@a.example 3@b.example -> @isp; 2@c.example 4@c.example -> c.example; "
	              "5@a.example -> @isp; 6@c.example -> @n/c.example;"));
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_routes(&f, "to=c.example via=isp");
	fixture_reopen(&f);
	fixture_place(&f);
	check_str(entries_text(&f),
	          STR("1@a.example -> a.example; 2@c.example 4@c.example -> @isp; "
	              "5@a.example -> a.example; 6@c.example -> @isp; "
	              "3@b.example -> b.example;"));
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_smarthost(&f, true);
	fixture_reopen(&f);
	fixture_place(&f);
	check_str(entries_text(&f), STR("1@a.example -> ; 2@c.example 4@c.example -> ; "
	                                "5@a.example -> ; 6@c.example -> ; 3@b.example -> ;"));
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

/* The message of the fixture has "Subject: test". */
/* RFC 4865: it is one entry until then, whatever the rules say, and is not split afterwards. */
static void what_waits_for_its_time_is_one(void **state)
{
	const struct str want = STR("1@a.example 2@b.example -> @(later);");
	struct queue_result later[2] = { { .outcome = QUEUE_DELAYED },
		                         { .outcome = QUEUE_DELAYED } };
	struct envelope_rcpt rcpts[2];
	struct queue_batch batch;
	struct arena a = { 0 };
	struct fixture f;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fixture_routes(&f, "to=a.example via=isp");
	fixture_reopen(&f);
	fixture_place(&f);
	rcpts[0] = (struct envelope_rcpt){ .address = fixture_address(&f, "1@a.example") };
	rcpts[1] = (struct envelope_rcpt){ .address = fixture_address(&f, "2@b.example"),
		                           .actions = actions_quarantine(&a, STR("odd")) };
	fixture_add_new(&f,
	                (struct queue_new){ .envelope.flags = ENVELOPE_LATER,
	                                    .envelope.rcpts = rcpts,
	                                    .envelope.rcpt_count = 2,
	                                    .envelope.not_before_ms = clock_real_ms() + 60000 });
	check_str(entries_text(&f), want);
	fixture_routes(&f, "via=isp");
	fixture_reopen(&f);
	fixture_place(&f);
	check_str(entries_text(&f), want);
	assert_int_equal(fixture_take(&f, 10).count, 0);
	fixture_time_passes(61000);
	batch = fixture_take(&f, 10);
	assert_int_equal(batch.count, 1);
	assert_null(batch.items[0].envelope.rcpts[0].actions);
	check_str(actions_quarantined(batch.items[0].envelope.rcpts[1].actions), STR("odd"));
	assert_int_equal(queue_report(f.queue, &batch.items[0], later, NULL), OK);
	check_str(entries_text(&f), want);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_time_passes(-61000);
	fixture_close(&f);
	arena_deinit(&a);
}

static void rules_see_the_header(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fixture_routes(&f, "header=\"Subject: te*\" to=a.example via=isp");
	fixture_reopen(&f);
	fixture_place(&f);
	fixture_add(&f, "s@here.example", "1@a.example 2@c.example");
	check_str(entries_text(&f), STR("1@a.example -> @isp; 2@c.example -> c.example;"));
	fixture_routes(&f, "header=\"Subject: be*\" via=isp ; header=\"Message-ID: <1@*\" via=ids");
	fixture_reopen(&f);
	fixture_place(&f);
	check_str(entries_text(&f), STR("1@a.example -> @ids; 2@c.example -> @ids;"));
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

static enum err bob_found(struct txn *t, void *arg)
{
	struct account_new new = { .address = STR("bob@here.example"),
		                   .password_hash = STR("x"),
		                   .role = ROLE_USER };
	enum err e = domain_add(t, STR("here.example"), NULL);

	return e != OK ? e : account_add(t, &new, arg, NULL);
}

static void rules_know_who_sent_it(void **state)
{
	struct fixture f;
	uint32_t bob;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	assert_int_equal(store_write(f.ts.store, bob_found, &bob, NULL), OK);
	fixture_routes(&f, "account=bob@* via=isp");
	fixture_reopen(&f);
	fixture_add_new(&f, (struct queue_new){ .envelope.submitter = bob });
	fixture_add_new(&f, (struct queue_new){ .envelope.submitter = 0 });
	fixture_add_new(&f, (struct queue_new){ .envelope.submitter = bob + 1 }); /* who is gone */
	check_str(entries_text(&f), STR("x@one.example -> @isp; x@one.example -> one.example; "
	                                "x@one.example -> one.example;"));
	fixture_close(&f);
}

/* After so many attempts what stays goes another way, and apart where that way is apart. */
static void attempts_tire_a_route(void **state)
{
	struct queue_path path = { .route = STR("isp") };
	struct queue_result later = { .outcome = QUEUE_DELAYED, .path = &path };
	struct queue_result results[] = { later, later, later };
	struct queue_batch batch;
	struct fixture f;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fixture_routes(&f, "via=isp fallback=mx after=2");
	fixture_reopen(&f);
	fixture_add(&f, "s@here.example", "1@a.example 2@c.example 3@a.example");
	for (int i = 0; i < 2; i++) {
		check_str(entries_text(&f), STR("1@a.example 2@c.example 3@a.example -> @isp;"));
		batch = fixture_take(&f, 10);
		assert_int_equal(batch.count, 1);
		assert_int_equal(queue_report(f.queue, &batch.items[0], results, NULL), OK);
		clock_shift_real((int64_t)(i + 1) * 8 * 3600 * 1000);
	}
	check_str(entries_text(&f), STR("1@a.example 3@a.example -> a.example; "
	                                "2@c.example -> c.example;"));
	assert_int_equal(fixture_fsck(&f, true), 0);
	batch = fixture_take(&f, 10);
	assert_int_equal(batch.items[0].envelope.rcpt_count, 2);
	assert_int_equal(fixture_report(&f, &batch.items[0], "dd"), OK);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_a_rule),
		cmocka_unit_test(names_have_a_length),
		cmocka_unit_test(which_address_fits),
		cmocka_unit_test(which_header_fits),
		cmocka_unit_test(where_it_goes),
		cmocka_unit_test(destinations_come_apart),
		cmocka_unit_test(entries_follow_the_rules),
		cmocka_unit_test(what_waits_for_its_time_is_one),
		cmocka_unit_test(rules_see_the_header),
		cmocka_unit_test(rules_know_who_sent_it),
		cmocka_unit_test(attempts_tire_a_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
