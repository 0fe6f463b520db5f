/* The grammar of rights, quotas and annotations (RFC 4314, RFC 9208, RFC 5464). */
#include "harness/check.h"

#include "formats/imap_wire/metadata.h"
#include "formats/imap_wire/quota.h"
#include "formats/imap_wire/rights.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "model/mailbox/metadata.h"
#include "model/mailbox/rights.h"
#include "protocols/imap/place.h"

static const struct rights_row {
	const char *text;
	bool ok;
	enum imap_rights_op op;
	unsigned rights;
	const char *put;
} rights_rows[] = {
	{ "lrswipkxtea", true, RIGHTS_REPLACE, RIGHTS_ALL, "lrswipkxteacd" },
	{ "", true, RIGHTS_REPLACE, 0, "\"\"" },
	{ "+l", true, RIGHTS_ADD, RIGHT_LOOKUP, "l" },
	{ "-ra", true, RIGHTS_REMOVE, RIGHT_READ | RIGHT_ADMINISTER, "ra" },
	{ "swi", true, RIGHTS_REPLACE, RIGHT_SEEN | RIGHT_WRITE | RIGHT_INSERT, "swi" },
	{ "p", true, RIGHTS_REPLACE, RIGHT_POST, "p" },
	{ "c", true, RIGHTS_REPLACE, RIGHT_CREATE | RIGHT_DELETE, "kxc" },
	{ "d", true, RIGHTS_REPLACE, RIGHT_DELETED | RIGHT_EXPUNGE, "ted" },
	{ "xt", true, RIGHTS_REPLACE, RIGHT_DELETE | RIGHT_DELETED, "xtcd" },
	{ "L", false, RIGHTS_REPLACE, 0, "" },
	{ "l+r", false, RIGHTS_REPLACE, 0, "" },
	{ "ly", false, RIGHTS_REPLACE, 0, "" },
	{ "1", false, RIGHTS_REPLACE, 0, "" },
};

static void test_rights(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rights_rows); i++) {
		const struct rights_row *row = &rights_rows[i];
		enum imap_rights_op op;
		unsigned rights;
		struct buf b;

		assert_int_equal(imap_rights_parse(str_of(row->text), &op, &rights), row->ok);
		if (!row->ok)
			continue;
		assert_int_equal(op, row->op);
		assert_int_equal(rights, row->rights);
		buf_init(&b, 64);
		imap_rights_put(&b, rights);
		assert_true(str_eq(buf_str(&b), str_of(row->put)));
		buf_deinit(&b);
	}
}

static const struct place_row {
	const char *name;
	enum place_kind kind;
	const char *owner, *rest;
} place_rows[] = {
	{ "INBOX", PLACE_OWN, "", "INBOX" },
	{ "Shared", PLACE_OWN, "", "Shared" },
	{ "Shared/x", PLACE_OWN, "", "Shared/x" },
	{ "Shared/x/a@b", PLACE_OWN, "", "Shared/x/a@b" },
	{ "Shared/a@b/x/y", PLACE_GROUP, "a@b", "x/y" },
	{ "Shared/a@b", PLACE_GROUP, "a@b", "" },
	{ "Other Users/a@b/INBOX", PLACE_OTHER, "a@b", "INBOX" },
	{ "Other Users/", PLACE_OWN, "", "Other Users/" },
	{ "other users/a@b/x", PLACE_OWN, "", "other users/a@b/x" },
};

static void test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(place_rows); i++) {
		const struct place_row *row = &place_rows[i];
		struct imap_place p = imap_place(str_of(row->name));

		assert_int_equal(p.kind, row->kind);
		assert_true(str_eq(p.owner, str_of(row->owner)));
		assert_true(str_eq(p.name, str_of(row->rest)));
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool entry, prefix;
	} rows[] = {
		{ "/shared/comment", true, true },    { "/PRIVATE/comment", true, true },
		{ "/shared", false, true },           { "/sharedx/y", false, false },
		{ "/shared/vendor", false, true },    { "/shared/vendor/x", false, true },
		{ "/shared/vendor/x/y", true, true }, { "/shared/", false, false },
		{ "/shared//x", false, false },       { "/shared/x*", false, false },
		{ "/shared/\x01", false, false },     { "", false, false },
		{ "/private/vendorx/y", true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(metadata_name_valid(str_of(rows[i].name), false), rows[i].entry);
		assert_int_equal(metadata_name_valid(str_of(rows[i].name), true), rows[i].prefix);
	}
}

/* A value with a NUL goes out as it came. */
static void test_literal8(void **state)
{
	static const char text[] = "INBOX (/private/x ~{3}\r\na\0b)";
	struct cur c = cur_of(str_from(text, sizeof(text) - 1));
	struct arena a = { 0 };
	struct imap_metadata m;
	struct buf b;

	(void)state;
	assert_true(imap_setmetadata_parse(&c, &a, false, &m) && cur_done(&c));
	assert_int_equal(m.entries[0].value.n, 3);
	buf_init(&b, 64);
	imap_metadata_value_put(&b, m.entries[0].value);
	assert_true(str_eq(buf_str(&b), str_from("~{3}\r\na\0b", 9)));
	buf_deinit(&b);
	arena_deinit(&a);
}

static void test_too_many(void **state)
{
	struct arena a = { 0 };
	struct imap_metadata m = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	buf_put(&b, STR("(x"));
	for (size_t i = 1; i < IMAP_METADATA_ENTRIES; i++)
		buf_put(&b, STR(" x"));
	buf_byte(&b, ')');
	assert_true(imap_metadata_entries_parse(&(struct cur){ b.p, b.p + b.n }, &a, &m));
	buf_cut(&b, b.n - 1);
	buf_put(&b, STR(" x)"));
	m = (struct imap_metadata){ 0 };
	assert_false(imap_metadata_entries_parse(&(struct cur){ b.p, b.p + b.n }, &a, &m));
	buf_deinit(&b);
	arena_deinit(&a);
}

static void test_quota(void **state)
{
	struct arena a = { 0 };
	struct imap_setquota q;
	struct cur c = cur_of(STR("\"\" (storage 5 MESSAGE 0 X-NEW 1)"));

	(void)state;
	assert_true(imap_setquota_parse(&c, &a, &q) && cur_done(&c));
	assert_true(q.root.n == 0 && q.unknown && !q.given[RESOURCE_MAILBOX]);
	assert_true(q.given[RESOURCE_STORAGE] && q.limit[RESOURCE_STORAGE] == 5);
	c = cur_of(STR("x (STORAGE -1)"));
	assert_false(imap_setquota_parse(&c, &a, &q));
	c = cur_of(STR("x (STORAGE 9223372036854775808)"));
	assert_false(imap_setquota_parse(&c, &a, &q));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rights),   cmocka_unit_test(test_places),
		cmocka_unit_test(test_names),    cmocka_unit_test(test_literal8),
		cmocka_unit_test(test_too_many), cmocka_unit_test(test_quota),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
