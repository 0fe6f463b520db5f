/* tests/unit/store/kv_test.c: what every backend must do; run on all of them. */
#include "foundation/base/arena.h"
#include "foundation/base/fault.h"
#include "foundation/base/random.h"
#include "model/store/kv.h"
#include "unit/store/fixture.h"

#include <errno.h>
#include <string.h>

static void write_ok(txn_fn *fn, void *arg)
{
	struct why why = { "" };

	if (store_write(ts.store, fn, arg, &why) != OK)
		fail_msg("write: %s", why.text);
}

static void read_ok(txn_fn *fn, void *arg)
{
	assert_int_equal(store_read(ts.store, fn, arg), OK);
}

static struct str s(const char *z)
{
	return str_of(z);
}

/* Write single letters as keys of a space, each with itself doubled as its value. */
struct letters {
	enum space space;
	const char *all;
};

static enum err letters_put(struct txn *t, void *arg)
{
	const struct letters *l = arg;
	enum err e = OK;

	for (const char *p = l->all; *p != '\0' && e == OK; p++) {
		char val[2] = { *p, *p };

		e = kv_put(t, l->space, str_from(p, 1), str_from(val, 2));
	}
	return e;
}

static void fill(enum space space, const char *all)
{
	struct letters l = { space, all };

	write_ok(letters_put, &l);
}

/* --- Rows ------------------------------------------------------------------------------- */

static enum err rows_write(struct txn *t, void *arg)
{
	struct str val;

	(void)arg;
	assert_true(txn_is_write(t));
	assert_int_equal(kv_get(t, SPACE_DOMAIN, s("a"), &val), ERR_MISSING);
	assert_int_equal(val.n, 0);
	assert_int_equal(kv_put(t, SPACE_DOMAIN, s("a"), s("one")), OK);
	assert_int_equal(kv_get(t, SPACE_DOMAIN, s("a"), &val), OK);
	check_str(val, s("one"));
	assert_int_equal(kv_put(t, SPACE_DOMAIN, s("a"), s("longer than one")), OK);
	assert_int_equal(kv_put(t, SPACE_DOMAIN, s("empty"), STR_EMPTY), OK);
	/* Same key, other space: another row. */
	assert_int_equal(kv_get(t, SPACE_ACCOUNT, s("a"), NULL), ERR_MISSING);
	assert_int_equal(kv_put(t, SPACE_ACCOUNT, s("a"), s("account")), OK);
	assert_int_equal(kv_del(t, SPACE_DOMAIN, s("no")), ERR_MISSING);
	assert_int_equal(kv_failed(t), OK);
	return OK;
}

static enum err rows_read(struct txn *t, void *arg)
{
	struct str val;

	(void)arg;
	assert_false(txn_is_write(t));
	assert_int_equal(txns_open(), 1);
	assert_int_equal(kv_get(t, SPACE_DOMAIN, s("a"), &val), OK);
	check_str(val, s("longer than one"));
	assert_int_equal(kv_get(t, SPACE_DOMAIN, s("empty"), &val), OK);
	assert_int_equal(val.n, 0);
	assert_int_equal(kv_get(t, SPACE_ACCOUNT, s("a"), &val), OK);
	check_str(val, s("account"));
	return OK;
}

static enum err rows_read_many(struct txn *t, void *arg)
{
	const struct str keys[] = { s("a"), s("b"), s("empty"), s("z") };
	struct str vals[COUNT(keys)];

	(void)arg;
	assert_int_equal(kv_get_many(t, SPACE_DOMAIN, keys, COUNT(keys), vals), OK);
	check_str(vals[0], s("longer than one"));
	assert_null(vals[1].p);
	assert_true(vals[2].p != NULL && vals[2].n == 0);
	assert_null(vals[3].p);
	return kv_get_many(t, SPACE_DOMAIN, keys, 0, vals);
}

static enum err rows_delete(struct txn *t, void *arg)
{
	(void)arg;
	assert_int_equal(kv_del(t, SPACE_DOMAIN, s("a")), OK);
	assert_int_equal(kv_del(t, SPACE_DOMAIN, s("a")), ERR_MISSING);
	assert_int_equal(kv_get(t, SPACE_DOMAIN, s("a"), NULL), ERR_MISSING);
	return OK;
}

static enum err rows_gone(struct txn *t, void *arg)
{
	(void)arg;
	assert_int_equal(kv_get(t, SPACE_DOMAIN, s("a"), NULL), ERR_MISSING);
	assert_int_equal(kv_get(t, SPACE_DOMAIN, s("empty"), NULL), OK);
	return OK;
}

static void test_rows(void **state)
{
	(void)state;
	write_ok(rows_write, NULL);
	read_ok(rows_read_many, NULL);
	read_ok(rows_read, NULL);
	write_ok(rows_delete, NULL);
	read_ok(rows_gone, NULL);
	assert_int_equal(txns_open(), 0);
}

/* Keys and values at and around every limit and LMDB's page and overflow sizes. */
static const size_t sizes[] = { 0,    1,    2030,  2031,  4079,  4080,        4081,
	                        8176, 8177, 65519, 65520, 65521, KV_VALUE_MAX };

static enum err sizes_write(struct txn *t, void *arg)
{
	struct str all = *(struct str *)arg;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		char key[KV_KEY_MAX];

		memset(key, 'k', sizeof key);
		key[0] = (char)i;
		check_at(i, kv_put(t, SPACE_LOOKUP, str_from(key, 1), str_sub(all, 0, sizes[i])) ==
		                    OK);
		check_at(i, kv_put(t, SPACE_LOOKUP, str_from(key, sizeof key), s("x")) == OK);
	}
	return OK;
}

static enum err sizes_read(struct txn *t, void *arg)
{
	struct str all = *(struct str *)arg;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		char key[KV_KEY_MAX];
		struct str val;

		memset(key, 'k', sizeof key);
		key[0] = (char)i;
		check_at(i, kv_get(t, SPACE_LOOKUP, str_from(key, 1), &val) == OK);
		check_at(i, str_eq(val, str_sub(all, 0, sizes[i])));
		check_at(i, kv_get(t, SPACE_LOOKUP, str_from(key, sizeof key), &val) == OK);
		check_str_at(i, val, s("x"));
	}
	return OK;
}

static void test_sizes(void **state)
{
	struct arena a = { 0 };
	char *p = arena_alloc(&a, KV_VALUE_MAX);
	struct str all = str_from(p, KV_VALUE_MAX);

	(void)state;
	random_bytes(p, all.n);
	write_ok(sizes_write, &all);
	read_ok(sizes_read, &all);
	arena_deinit(&a);
}

/* --- Walking ---------------------------------------------------------------------------- */

/* A walk as a script: '>' next, '<' prev. What comes is written as letters, '.' for the
 * end. from, to and prefix as one letter or nothing. */
static const struct {
	const char *from, *to, *script, *want;
} walks[] = {
	{ "", "", ">>>>>>", "bdfhj." },
	{ "", "", "<<<<<<", "jhfdb." },
	{ "b", "j", ">>>>>", "bdfh." },
	{ "b", "j", "<<<<<", "hfdb." },
	{ "c", "i", ">>>>", "dfh." },
	{ "c", "i", "<<<<", "hfd." },
	{ "e", "e", "><", ".." },   /* an empty range */
	{ "g", "c", "><", ".." },   /* ends crossed */
	{ "k", "", "><", ".." },    /* past all */
	{ "", "a", "><", ".." },    /* before all */
	{ "", "", ">><>", "bdbd" }, /* turning round */
	{ "", "", "<<><", "jhjh" },
	{ "", "", ">>>>>>><<", "bdfhj..jh" }, /* back from the end */
	{ "", "", "<<<<<<<>>", "jhfdb..bd" },
	{ "d", "e", "><>", "d.d" },
};

struct walk_run {
	size_t i;
};

static enum err walk_run(struct txn *t, void *arg)
{
	size_t i = ((struct walk_run *)arg)->i;
	struct kv_iter it;
	char got[16] = "";
	size_t n = 0;

	kv_iter_init(&it, t, SPACE_UID, s(walks[i].from), s(walks[i].to));
	for (const char *p = walks[i].script; *p != '\0'; p++) {
		bool row = *p == '>' ? kv_iter_next(&it) : kv_iter_prev(&it);

		got[n++] = row ? it.key.p[0] : '.';
		if (row)
			check_at(i, it.key.n == 1 && it.val.n == 2 && it.val.p[1] == it.key.p[0]);
	}
	check_str_at(i, s(got), s(walks[i].want));
	return kv_iter_end(&it);
}

static void test_walks(void **state)
{
	(void)state;
	/* Neighbours that must not be seen. */
	fill(SPACE_EMAIL, "az");
	fill(SPACE_CHANGE, "az");
	fill(SPACE_UID, "bdfhj");
	for (size_t i = 0; i < COUNT(walks); i++) {
		struct walk_run r = { i };

		read_ok(walk_run, &r);
		write_ok(walk_run, &r);
	}
}

static enum err prefixes_write(struct txn *t, void *arg)
{
	static const struct str keys[] = {
		{ "a", 1 }, { "a\0", 2 },  { "a\xff", 2 },    { "a\xff\xff", 3 },
		{ "b", 1 }, { "\xff", 1 }, { "\xff\xff", 2 }, { "\xff\xffz", 3 },
	};
	enum err e = OK;

	(void)arg;
	for (size_t i = 0; i < COUNT(keys) && e == OK; i++)
		e = kv_put(t, SPACE_KEYWORD, keys[i], s("v"));
	return e;
}

static unsigned count_prefix(struct txn *t, struct str prefix)
{
	struct kv_iter it;
	unsigned n = 0, back = 0;

	kv_iter_prefix(&it, t, SPACE_KEYWORD, prefix);
	while (kv_iter_next(&it)) {
		assert_true(str_starts(it.key, prefix));
		n++;
	}
	while (kv_iter_prev(&it))
		back++;
	assert_int_equal(kv_iter_end(&it), OK);
	assert_int_equal(n, back);
	return n;
}

static enum err prefixes_read(struct txn *t, void *arg)
{
	(void)arg;
	assert_int_equal(count_prefix(t, STR_EMPTY), 8);
	assert_int_equal(count_prefix(t, s("a")), 4);
	assert_int_equal(count_prefix(t, STR("a\0")), 1);
	assert_int_equal(count_prefix(t, s("a\xff")), 2);
	assert_int_equal(count_prefix(t, s("\xff")), 3);
	assert_int_equal(count_prefix(t, s("\xff\xff")), 2);
	assert_int_equal(count_prefix(t, s("c")), 0);
	return OK;
}

static void test_prefixes(void **state)
{
	(void)state;
	fill(SPACE_CHANGE, "a"); /* the spaces around keyword */
	fill(SPACE_BLOB, "a");
	write_ok(prefixes_write, NULL);
	read_ok(prefixes_read, NULL);
}

/* Delete each row as it comes: the walk sees every one once. */
static enum err delete_walking(struct txn *t, void *arg)
{
	struct kv_iter it;
	char seen[16] = "";
	size_t n = 0;

	(void)arg;
	kv_iter_prefix(&it, t, SPACE_UID, STR_EMPTY);
	while (kv_iter_next(&it)) {
		seen[n++] = it.key.p[0];
		assert_int_equal(kv_del(t, SPACE_UID, it.key), OK);
		check_str(it.key, str_from(&seen[n - 1], 1)); /* survives its row */
	}
	assert_int_equal(kv_iter_end(&it), OK);
	check_str(s(seen), s("bdfhj"));
	return OK;
}

/* Put rows before and behind the cursor: those behind it are met, a replaced value shows. */
static enum err put_walking(struct txn *t, void *arg)
{
	struct kv_iter it;
	char seen[16] = "";
	size_t n = 0;

	(void)arg;
	kv_iter_prefix(&it, t, SPACE_UID, STR_EMPTY);
	while (kv_iter_next(&it) && n < 10) {
		seen[n++] = it.key.p[0];
		if (it.key.p[0] != 'd')
			continue;
		assert_int_equal(kv_put(t, SPACE_UID, s("a"), s("behind")), OK);
		assert_int_equal(kv_put(t, SPACE_UID, s("e"), s("ahead")), OK);
		assert_int_equal(kv_put(t, SPACE_UID, s("f"), s("replaced")), OK);
		assert_true(kv_iter_next(&it));
		check_str(it.val, s("ahead"));
		assert_true(kv_iter_next(&it));
		check_str(it.val, s("replaced"));
		assert_int_equal(kv_put(t, SPACE_UID, s("g"), s("ahead")), OK);
		assert_int_equal(kv_del(t, SPACE_UID, s("e")), OK);
		assert_true(kv_iter_prev(&it)); /* back over the row that went */
		check_str(it.key, s("d"));
	}
	assert_int_equal(kv_iter_end(&it), OK);
	/* d comes once by next and once by prev. */
	check_str(s(seen), s("bdfghj"));
	return OK;
}

static enum err two_walks(struct txn *t, void *arg)
{
	struct kv_iter one, two;

	(void)arg;
	kv_iter_prefix(&one, t, SPACE_UID, STR_EMPTY);
	kv_iter_prefix(&two, t, SPACE_UID, STR_EMPTY);
	assert_true(kv_iter_next(&one));
	assert_true(kv_iter_prev(&two));
	assert_int_equal(kv_del(t, SPACE_UID, two.key), OK);
	assert_true(kv_iter_next(&one));
	assert_true(kv_iter_prev(&two));
	check_str(one.key, s("d"));
	check_str(two.key, s("h"));
	assert_int_equal(kv_iter_end(&one), OK);
	return kv_iter_end(&two);
}

static void test_writing_walks(void **state)
{
	(void)state;
	fill(SPACE_UID, "bdfhj");
	write_ok(put_walking, NULL);
}

static void test_delete_walk(void **state)
{
	(void)state;
	fill(SPACE_UID, "bdfhj");
	write_ok(delete_walking, NULL);
	fill(SPACE_UID, "bdfhj");
	write_ok(two_walks, NULL);
}

/* --- Many rows against a model ---------------------------------------------------------- */

enum {
	MODEL_ROWS = 256,
	MODEL_LONG = 9000, /* bytes: of pages of its own */
};

struct model {
	int value[MODEL_ROWS]; /* -1: no such row */
};

static struct str model_key(char *key, size_t i)
{
	/* Some keys long, so that the tree gets deep with few rows. */
	memset(key, 'x', KV_KEY_MAX);
	key[0] = (char)i;
	return str_from(key, i % 3 == 0 ? 1 : i * 37 % KV_KEY_MAX + 1);
}

/* Some long. */
static struct str model_value(char *bytes, int value)
{
	size_t n = value % 11 == 0 ? MODEL_LONG : sizeof value + (size_t)value % 100;

	memset(bytes, value, n);
	memcpy(bytes, &value, sizeof value);
	return str_from(bytes, n);
}

static void model_step(struct txn *t, struct model *m, size_t i, bool del)
{
	char key[KV_KEY_MAX], value[MODEL_LONG];
	struct str k = model_key(key, i);

	if (del) {
		check_at(i, kv_del(t, SPACE_QUEUE, k) == (m->value[i] >= 0 ? OK : ERR_MISSING));
		m->value[i] = -1;
		return;
	}
	m->value[i] = (int)random_below(1000);
	check_at(i, kv_put(t, SPACE_QUEUE, k, model_value(value, m->value[i])) == OK);
}

/* Up or down from anywhere, some one by one: the store finds what comes in order from where it
 * was last. */
static enum err model_write(struct txn *t, void *arg)
{
	for (unsigned stretch = 0; stretch < 60; stretch++) {
		size_t i = (size_t)random_below(MODEL_ROWS), n = (size_t)random_below(20) + 1;
		size_t way = random_below(2) != 0 ? 1 : MODEL_ROWS - 1;
		bool del = random_below(3) == 0;

		for (; n > 0; n--, i = (i + way) % MODEL_ROWS)
			model_step(t, arg, i, del);
	}
	return OK;
}

static enum err model_check(struct txn *t, void *arg)
{
	const struct model *m = arg;
	struct kv_iter it;
	size_t rows = 0, walked = 0;

	for (size_t i = 0; i < MODEL_ROWS; i++) {
		char key[KV_KEY_MAX], value[MODEL_LONG];
		struct str val;
		enum err e = kv_get(t, SPACE_QUEUE, model_key(key, i), &val);

		check_at(i, e == (m->value[i] >= 0 ? OK : ERR_MISSING));
		if (e == OK)
			check_at(i, str_eq(val, model_value(value, m->value[i])));
		rows += e == OK;
	}
	kv_iter_prefix(&it, t, SPACE_QUEUE, STR_EMPTY);
	for (char last[KV_KEY_MAX] = ""; kv_iter_next(&it); walked++) {
		assert_true(walked == 0 || memcmp(last, it.key.p, 1) < 0);
		memcpy(last, it.key.p, it.key.n);
	}
	assert_int_equal(rows, walked);
	return kv_iter_end(&it);
}

static enum err model_undone(struct txn *t, void *arg)
{
	struct model copy = *(struct model *)arg;

	assert_int_equal(model_write(t, &copy), OK);
	return ERR_DENIED;
}

static void test_model(void **state)
{
	struct model m;

	(void)state;
	for (size_t i = 0; i < MODEL_ROWS; i++)
		m.value[i] = -1;
	for (unsigned round = 0; round < 10; round++) {
		write_ok(model_write, &m);
		read_ok(model_check, &m);
		assert_int_equal(store_write(ts.store, model_undone, &m, NULL), ERR_DENIED);
		read_ok(model_check, &m);
	}
}

/* --- Failing ---------------------------------------------------------------------------- */

static enum err ignores_failure(struct txn *t, void *arg)
{
	(void)arg;
	assert_int_equal(kv_put(t, SPACE_DOMAIN, s("one"), s("1")), OK);
	fault_arm_point("kv_put", 1, ENOSPC);
	assert_int_equal(kv_put(t, SPACE_DOMAIN, s("two"), s("2")), ERR_FULL);
	fault_arm(0);
	assert_int_equal(kv_failed(t), ERR_FULL);
	assert_int_equal(kv_put(t, SPACE_DOMAIN, s("three"), s("3")), ERR_FULL);
	return OK;
}

static enum err domain_count(struct txn *t, void *arg)
{
	struct kv_iter it;
	unsigned *n = arg;

	*n = 0;
	kv_iter_prefix(&it, t, SPACE_DOMAIN, STR_EMPTY);
	while (kv_iter_next(&it))
		(*n)++;
	return kv_iter_end(&it);
}

static void test_errors_stick(void **state)
{
	unsigned n;

	(void)state;
	assert_int_equal(store_write(ts.store, ignores_failure, NULL, NULL), ERR_FULL);
	read_ok(domain_count, &n);
	assert_int_equal(n, 0);
	fault_arm_point("kv_step", 1, EIO);
	assert_int_equal(store_read(ts.store, domain_count, &n), ERR_IO);
	fault_arm_point("kv_cursor", 1, EIO);
	assert_int_equal(store_read(ts.store, domain_count, &n), ERR_IO);
	fault_arm(0);
	read_ok(domain_count, &n);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(space_name(SPACE_MAILBOX), "MAILBOX");
	assert_null(space_name(0));
	assert_null(space_name(250));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(test_rows),     ON_ALL(test_sizes),        ON_ALL(test_walks),
		ON_ALL(test_prefixes), ON_ALL(test_delete_walk),  ON_ALL(test_writing_walks),
		ON_ALL(test_model),    ON_ALL(test_errors_stick), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
