/* What the views of a record come to: who has it right, who remembers what was there before. */
#include "harness/check.h"

#include "operations/doctor/doctor_private.h"

#include <string.h>

enum { VIEWS = 4 };

static struct arena arena;
static const struct dns_home home = { .hostname = STR("mx.example") };

static void view_set(struct view *v, enum view_of of, const char *data, uint32_t ttl_s)
{
	*v = (struct view){ .of = of, .by = STR("ns"), .ttl_s = ttl_s, .status = DNS_RETRY };
	if (strcmp(data, "?") == 0)
		return;
	v->status = *data != '\0' ? DNS_OK : DNS_NODATA;
	v->count = *data != '\0';
	v->data = arena_array(&arena, struct str, 1);
	v->data[0] = str_of(data);
}

/* Two servers of the zone, two resolvers; "" has no such record, "?" tells nothing. */
static void views_together(void **state)
{
	static const struct {
		const char *zone[2], *resolver[2];
		enum dns_state want;
		const char *words, *advice;
	} rows[] = {
		{ { "a", "a" }, { "a", "a" }, DNS_STATE_OK, "correct", "" },
		{ { "a", "?" }, { "a", "a" }, DNS_STATE_OK, "1 of 4", "" },
		{ { "a", "a" }, { "?", "?" }, DNS_STATE_OK, "2 of 4", "" },
		{ { "a", "a" }, { "b", "a" }, DNS_STATE_WARN, "1 of 2", "60 minutes" },
		{ { "a", "a" }, { "", "" }, DNS_STATE_WARN, "2 of 2", "60 minutes" },
		{ { "a", "b" }, { "a", "a" }, DNS_STATE_FAIL, "zone differ", "Replace" },
		{ { "a", "" }, { "?", "?" }, DNS_STATE_FAIL, "zone differ", "Add this" },
		{ { "b", "b" }, { "a", "b" }, DNS_STATE_FAIL, "until recently", "Replace" },
		{ { "", "" }, { "", "" }, DNS_STATE_FAIL, "missing", "Add this" },
		{ { "b", "b" }, { "b", "b" }, DNS_STATE_FAIL, "wrong", "Replace" },
		{ { "?", "?" }, { "a", "" }, DNS_STATE_FAIL, "Resolvers differ", "60 minutes" },
		{ { "?", "?" }, { "a", "?" }, DNS_STATE_OK, "3 of 4", "" },
		{ { "?", "?" }, { "", "" }, DNS_STATE_FAIL, "missing", "Add this" },
		{ { "?", "?" }, { "?", "?" }, DNS_STATE_UNKNOWN, "No name server", "port 53" },
	};
	static const struct dns_record r = { .name = STR("x.example"),
		                             .type = "SRV",
		                             .expected = STR("a") };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct view views[VIEWS];
		struct finding f = { .type = "SRV", .views = views, .view_count = VIEWS };

		for (size_t k = 0; k < 2; k++) {
			view_set(&views[k], VIEW_AUTHORITY, rows[i].zone[k], 300);
			view_set(&views[k + 2], VIEW_RESOLVER, rows[i].resolver[k], 3600);
		}
		verdict_make(&f, &r, &(struct dns_judging){ .home = &home, .a = &arena });
		check_at(i, f.state == rows[i].want);
		check_at(i, str_find(f.words, str_of(rows[i].words)) >= 0);
		check_at(i, str_find(f.advice, str_of(rows[i].advice)) >= 0);
		check_at(i, (f.advice.n == 0) == (*rows[i].advice == '\0'));
	}
}

/* A record that may be missing does not make a failure, whoever misses it. */
static void optional_ones_warn(void **state)
{
	static const struct dns_record r = {
		.name = STR("x.example"), .type = "SRV", .expected = STR("a"), .optional = true
	};
	struct view views[2];
	struct finding f = { .type = "SRV", .views = views, .view_count = 2 };

	(void)state;
	view_set(&views[0], VIEW_AUTHORITY, "", 0);
	view_set(&views[1], VIEW_AUTHORITY, "a", 0);
	verdict_make(&f, &r, &(struct dns_judging){ .home = &home, .a = &arena });
	assert_int_equal(f.state, DNS_STATE_WARN);
	assert_int_equal(views[0].state, DNS_STATE_WARN);
	assert_int_equal(views[1].state, DNS_STATE_OK);
}

#define SOA "ns.example hostmaster.example "

static void servers_of_a_zone(void **state)
{
	static const struct {
		const char *soa[2]; /* NULL: no such server */
		enum dns_state want;
		const char *words;
	} rows[] = {
		{ { SOA "7 1 1 1 1", SOA "7 1 1 1 1" }, DNS_STATE_OK, "agree" },
		{ { SOA "7 1 1 1 1", SOA "8 1 1 1 1" }, DNS_STATE_WARN, "ns 7, ns 8" },
		{ { SOA "7 1 1 1 1", "?" }, DNS_STATE_WARN, "1 of 2" },
		{ { "?", "?" }, DNS_STATE_UNKNOWN, "No name server" },
		{ { SOA "7 1 1 1 1", NULL }, DNS_STATE_OK, "only" },
		{ { "", SOA "7" }, DNS_STATE_OK, "agree" }, /* malformed ones are nobody's fault */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct view views[2];
		struct finding f = { .type = "servers", .views = views };

		for (; f.view_count < 2 && rows[i].soa[f.view_count] != NULL; f.view_count++) {
			struct view *v = &views[f.view_count];

			view_set(v, VIEW_AUTHORITY, rows[i].soa[f.view_count], 0);
			v->state = v->status == DNS_RETRY ? DNS_STATE_WARN : DNS_STATE_OK;
		}
		verdict_servers(&f, &arena);
		check_at(i, f.state == rows[i].want);
		check_at(i, str_find(f.words, str_of(rows[i].words)) >= 0);
	}
}

/* Nobody tells, and it is not us that are cut off: of the servers, or of who looked for them. */
static void a_dead_zone_fails(void **state)
{
	static const struct {
		enum view_of of;
		const char *words;
	} rows[] = {
		{ VIEW_AUTHORITY, "No name server of the zone answers" },
		{ VIEW_RESOLVER, "cannot be found" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct view view;
		struct finding f = { .type = "servers", .views = &view, .view_count = 1 };

		view_set(&view, rows[i].of, "?", 0);
		view.why = STR("does not answer");
		verdict_dead(&f, &arena);
		check_at(i, f.state == DNS_STATE_FAIL && f.advice.n != 0);
		check_at(i, str_find(f.words, str_of(rows[i].words)) >= 0);
		check_at(i, str_ends(f.words, STR("ns does not answer.")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_together),
		cmocka_unit_test(optional_ones_warn),
		cmocka_unit_test(servers_of_a_zone),
		cmocka_unit_test(a_dead_zone_fails),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_deinit(&arena);
	return failed;
}
