/* Return paths of mail that is sent on, and bounces to them. */
#include "unit/delivery/town.h"

#include "foundation/base/clock.h"

#define SMALL "Subject: small\r\n\r\nhello\r\n"

static void check_queue(struct town *town, const char *want)
{
	struct buf all, masked;

	buf_init(&all, 10000);
	buf_init(&masked, 20000);
	town_queue(town, &all);
	town_masked_put(&masked, buf_str(&all));
	check_str(buf_str(&masked), str_of(want));
	buf_deinit(&all);
	buf_deinit(&masked);
}

static void test_return_paths(void **state)
{
	static const struct {
		const char *from, *rcpts[4], *want;
	} rows[] = {
		{ "x@far.example",
		  { "away@example.org" },
		  "remote.example: from <SRS0=(hash)=(day)=far.example=x@example.org> to "
		  "<far@remote.example>\n" },
		/* one of ours is sent on as he is */
		{ "ada@example.org",
		  { "away@example.org" },
		  "remote.example: from <ada@example.org> to <far@remote.example>\n" },
		{ "",
		  { "away@example.org" },
		  "remote.example: from <> to <far@remote.example>\n" },
		/* to elsewhere directly */
		{ "x@far.example",
		  { "far@remote.example" },
		  "remote.example: from <x@far.example> to <far@remote.example>\n" },
		/* a list's postmaster gets its bounces, whoever writes; each path has an entry */
		{ "ada@example.org",
		  { "club@example.org" },
		  "remote.example: from <postmaster@example.org> to <member@remote.example>\n" },
		{ "x@far.example",
		  { "club@example.org", "away@example.org" },
		  "remote.example: from <postmaster@example.org> to <member@remote.example>\n"
		  "remote.example: from <SRS0=(hash)=(day)=far.example=x@example.org> to "
		  "<far@remote.example>\n" },
		/* too long to be rewritten */
		{ "a.long.name.of.somebody@a-domain-with-a-long-name.example",
		  { "away@example.org" },
		  "remote.example: from "
		  "<a.long.name.of.somebody@a-domain-with-a-long-name.example> to "
		  "<far@remote.example>\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct town town;

		town_open(&town, STORE_MEMORY);
		check_at(i, town_deliver(&town, rows[i].from, rows[i].rcpts, STR(SMALL)) == OK);
		check_queue(&town, rows[i].want);
		town_fsck(&town);
		town_close(&town);
	}
}

struct srs_making {
	const char *sender;
	struct arena *a;
	struct mailaddr made;
};

static enum err srs_make(struct txn *t, void *arg)
{
	struct srs_making *m = arg;
	struct mailaddr sender;
	uint8_t key[SRS_KEY];
	enum err e = srs_key_get(t, key);

	assert_true(mailaddr_of(str_of(m->sender), m->a, 0, &sender));
	assert_true(srs_encode(key, clock_real_ms(), &sender, STR("example.org"), m->a, &m->made));
	return e;
}

/* A bounce to such a path goes to whose it was: elsewhere, or since his domain moved here, to his
 * mailbox. */
static void test_bounces_find_back(void **state)
{
	struct arena a = { 0 };
	struct srs_making out = { .sender = "X.y@far.example", .a = &a };
	struct srs_making in = { .sender = "bob@example.org", .a = &a };
	struct town town;
	const char *to[3] = { 0 };

	(void)state;
	town_open(&town, STORE_MEMORY);
	assert_int_equal(store_read(town.mail.temp.store, srs_make, &out), OK);
	assert_int_equal(store_read(town.mail.temp.store, srs_make, &in), OK);
	to[0] = str_z(&a, mailaddr_text(&a, &out.made));
	to[1] = str_z(&a, mailaddr_text(&a, &in.made));
	assert_int_equal(town_deliver(&town, "", to, STR(SMALL)), OK);
	check_queue(&town, "far.example: from <> to <X.y@far.example>\n");
	assert_int_equal(town_mail(&town, "bob", NULL), 1);
	to[0] = "SRS0=aaaaaa=aa=far.example=x@example.org";
	to[1] = NULL;
	assert_int_equal(town_deliver(&town, "", to, STR(SMALL)), ERR_MISSING);
	town_close(&town);
	arena_deinit(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_return_paths),
		cmocka_unit_test(test_bounces_find_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
