/* Scripts: put, listed, activated, renamed, deleted, and their limits (RFC 5804). */
#include "unit/filters/fixture.h"

#include "formats/sieve/sieve.h"
#include "foundation/base/arena.h"

#include <stdio.h>
#include <string.h>

enum step_kind { PUT, DELETE, RENAME, ACTIVATE, DELETE_ALL };

/* One change of a script: in account, in domain when account is 0, else of the server. */
struct step {
	enum step_kind kind;
	const uint32_t *account;
	const char *domain;
	const char *name;
	struct str text; /* of PUT; the new name of RENAME */
};

static const uint32_t nobody;

static enum err step_run(struct txn *t, void *arg)
{
	const struct step *s = arg;
	struct script_owner owner = { *s->account, str_of(s->domain) };
	struct str name = str_of(s->name);

	switch (s->kind) {
	case PUT: return script_put(t, &owner, name, s->text, STR("program"), 1234);
	case DELETE: return script_delete(t, &owner, name);
	case RENAME: return script_rename(t, &owner, name, s->text);
	case ACTIVATE: return script_activate(t, owner.account, name);
	case DELETE_ALL: return scripts_delete_all(t, &owner);
	}
	return ERR_IO;
}

static enum err step_at(struct fixture *f, enum step_kind kind, const uint32_t *account,
                        const char *domain, const char *name, struct str text)
{
	struct step s = { kind, account, domain, name, text };

	return fixture_write(f, step_run, &s);
}

static enum err step(struct fixture *f, enum step_kind kind, const char *name, const char *text)
{
	return step_at(f, kind, &f->ada, NULL, name, str_of(text));
}

struct look {
	struct script_owner owner;
	struct arena a;
	char names[256]; /* separated by commas; the active one with a star */
	struct script *all;
	size_t n;
	char active[64]; /* its text */
};

static enum err look_run(struct txn *t, void *arg)
{
	struct look *l = arg;
	struct script script;
	struct buf b;
	enum err e = scripts_list(t, &l->owner, &l->a, &l->all, &l->n);

	buf_init_in(&b, l->names, sizeof(l->names) - 1);
	for (size_t i = 0; e == OK && i < l->n; i++) {
		struct script got;

		buf_fmt(&b, "%s%s%.*s", i ? "," : "", l->all[i].active ? "*" : "",
		        STR_ARG(l->all[i].name));
		e = script_get(t, &l->owner, l->all[i].name, &got);
		assert_int_equal(got.active, l->all[i].active);
		assert_int_equal(got.size, l->all[i].size);
		assert_int_equal(got.changed_ms, 1234);
		check_str(got.program, STR("program"));
	}
	if (e == OK && l->owner.account != 0) {
		e = script_active(t, l->owner.account, &script);
		if (e == OK)
			memcpy(l->active, script.text.p, MIN(script.text.n, sizeof(l->active) - 1));
		e = e == ERR_MISSING ? OK : e;
	}
	return e;
}

/* Checks the names of an owner's scripts, and the text of the active one. */
static void check_scripts(struct fixture *f, uint32_t account, const char *domain,
                          const char *names, const char *active)
{
	struct look l = { .owner = { account, str_of(domain) } };

	assert_int_equal(store_read(f->ts.store, look_run, &l), OK);
	assert_string_equal(l.names, names);
	assert_string_equal(l.active, active);
	arena_deinit(&l.a);
}

static void test_life(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	check_scripts(&f, f.ada, NULL, "", "");
	assert_int_equal(step(&f, PUT, "main", "keep;"), OK);
	assert_int_equal(step(&f, PUT, "away", "discard;"), OK);
	check_scripts(&f, f.ada, NULL, "away,main", "");
	assert_int_equal(step(&f, ACTIVATE, "main", ""), OK);
	check_scripts(&f, f.ada, NULL, "away,*main", "keep;");
	assert_int_equal(step(&f, PUT, "main", "stop;"), OK);
	check_scripts(&f, f.ada, NULL, "away,*main", "stop;");
	assert_int_equal(step(&f, RENAME, "main", "zebra"), OK);
	check_scripts(&f, f.ada, NULL, "away,*zebra", "stop;");
	assert_int_equal(step(&f, RENAME, "away", "apple"), OK);
	check_scripts(&f, f.ada, NULL, "apple,*zebra", "stop;");
	assert_int_equal(step(&f, DELETE, "zebra", ""), ERR_CONFLICT);
	assert_string_equal(f.why.text, "the active script cannot be deleted");
	assert_int_equal(step(&f, ACTIVATE, "apple", ""), OK);
	assert_int_equal(step(&f, DELETE, "zebra", ""), OK);
	check_scripts(&f, f.ada, NULL, "*apple", "discard;");
	assert_int_equal(fixture_fsck(&f), 0);
	assert_int_equal(step(&f, ACTIVATE, "", ""), OK);
	assert_int_equal(step(&f, ACTIVATE, "", ""), OK);
	check_scripts(&f, f.ada, NULL, "apple", "");
	assert_int_equal(step(&f, DELETE, "apple", ""), OK);
	check_scripts(&f, f.ada, NULL, "", "");
	fixture_close(&f);
}

static uint64_t id_of(struct fixture *f, const char *name)
{
	struct look l = { .owner = { .account = f->ada } };
	uint64_t id = 0;

	assert_int_equal(store_read(f->ts.store, look_run, &l), OK);
	for (size_t i = 0; i < l.n; i++)
		if (str_eq(l.all[i].name, str_of(name)))
			id = l.all[i].id;
	arena_deinit(&l.a);
	assert_true(id != 0);
	return id;
}

static void test_ids(void **state)
{
	struct fixture f;
	uint64_t id;

	(void)state;
	fixture_open(&f);
	assert_int_equal(step(&f, PUT, "main", "keep;"), OK);
	id = id_of(&f, "main");
	assert_int_equal(step(&f, PUT, "main", "stop;"), OK);
	assert_int_equal(step(&f, RENAME, "main", "old"), OK);
	assert_true(id_of(&f, "old") == id);
	assert_int_equal(step(&f, PUT, "main", "keep;"), OK);
	assert_true(id_of(&f, "main") != id);
	fixture_close(&f);
}

static void test_refused(void **state)
{
	static const struct {
		enum step_kind kind;
		const char *name, *text;
		enum err want;
		const char *why;
	} rows[] = {
		{ DELETE, "b", "", ERR_MISSING, "script b does not exist" },
		{ ACTIVATE, "b", "", ERR_MISSING, "script b does not exist" },
		{ RENAME, "b", "c", ERR_MISSING, "script b does not exist" },
		{ RENAME, "a", "a", ERR_CONFLICT, "script a exists" },
		{ RENAME, "a", "", ERR_SYNTAX,
		  "a name has 1 to 128 characters, and no control characters" },
		{ PUT, "", "keep;", ERR_SYNTAX,
		  "a name has 1 to 128 characters, and no control characters" },
	};
	struct fixture f;

	(void)state;
	fixture_open(&f);
	assert_int_equal(step(&f, PUT, "a", "keep;"), OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, step(&f, rows[i].kind, rows[i].name, rows[i].text) == rows[i].want);
		check_str_at(i, str_of(f.why.text), str_of(rows[i].why));
	}
	check_scripts(&f, f.ada, NULL, "a", "");
	fixture_close(&f);
}

static void test_owners(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	assert_int_equal(step(&f, PUT, "main", "keep;"), OK);
	assert_int_equal(step(&f, ACTIVATE, "main", ""), OK);
	assert_int_equal(step_at(&f, PUT, &f.bob, NULL, "main", STR("stop;")), OK);
	assert_int_equal(step_at(&f, PUT, &nobody, NULL, "before", STR("stop;")), OK);
	assert_int_equal(step_at(&f, PUT, &nobody, "example.org", "after", STR("stop;")), OK);
	check_scripts(&f, f.ada, NULL, "*main", "keep;");
	check_scripts(&f, f.bob, NULL, "main", "");
	check_scripts(&f, 0, NULL, "before", "");
	check_scripts(&f, 0, "example.org", "after", "");
	check_scripts(&f, 0, "example", "", "");
	assert_int_equal(fixture_fsck(&f), 0);
	assert_int_equal(step_at(&f, DELETE_ALL, &nobody, NULL, "", STR_EMPTY), OK);
	check_scripts(&f, 0, NULL, "", "");
	check_scripts(&f, 0, "example.org", "after", "");
	assert_int_equal(step_at(&f, DELETE_ALL, &nobody, "example.org", "", STR_EMPTY), OK);
	check_scripts(&f, 0, "example.org", "", "");
	assert_int_equal(step(&f, DELETE_ALL, "", ""), OK);
	check_scripts(&f, f.ada, NULL, "", "");
	check_scripts(&f, f.bob, NULL, "main", "");
	fixture_close(&f);
}

/* RFC 5804 1.6. */
static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool want;
	} rows[] = {
		{ "main", true },       { "a b", true },        { "M\xc3\xbcll/..\\", true },
		{ "", false },          { "a\tb", false },      { "a\x7f", false },
		{ "a\xc2\x85", false }, { "\xe2\x80\xa8", false }, { "\xe2\x80\xa9", false },
		{ "\xe2\x80\xaa", true }, { "\xff", false },
	};
	char name[SCRIPT_NAME_MAX + 4];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, script_name_valid(str_of(rows[i].name)) == rows[i].want);
	assert_false(script_name_valid(STR("a\0b")));
	memset(name, 'a', sizeof(name));
	assert_true(script_name_valid(str_from(name, 128)));
	assert_false(script_name_valid(str_from(name, 129)));
	for (size_t i = 0; i < sizeof(name); i += 4)
		memcpy(name + i, "\xf0\x9f\x93\xac", 4);
	assert_true(script_name_valid(str_from(name, SCRIPT_NAME_MAX)));
	assert_false(script_name_valid(str_from(name, SCRIPT_NAME_MAX + 4)));
}

/* The longest name at the longest domain is a key. */
static void test_long_key(void **state)
{
	char name[SCRIPT_NAME_MAX + 1] = "", domain[256] = "";
	struct fixture f;

	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < SCRIPT_NAME_MAX; i += 4)
		memcpy(name + i, "\xf0\x9f\x93\xac", 4);
	memset(domain, 'd', 255);
	assert_int_equal(step_at(&f, PUT, &nobody, domain, name, STR("keep;")), OK);
	assert_int_equal(fixture_fsck(&f), 1);
	assert_int_equal(step_at(&f, DELETE_ALL, &nobody, domain, "", STR_EMPTY), OK);
	fixture_close(&f);
}

static void test_limits(void **state)
{
	static char text[LIMIT_sieve_script + 1];
	struct fixture f;
	char name[16];

	(void)state;
	fixture_open(&f);
	memset(text, '#', sizeof(text));
	assert_int_equal(step_at(&f, PUT, &f.ada, NULL, "a", str_from(text, sizeof(text))),
	                 ERR_LIMIT);
	for (int i = 0; i < LIMIT_sieve_bytes / LIMIT_sieve_script; i++) {
		snprintf(name, sizeof(name), "large%d", i);
		assert_int_equal(step_at(&f, PUT, &f.ada, NULL, name,
		                         str_from(text, LIMIT_sieve_script)), OK);
	}
	assert_int_equal(step(&f, PUT, "one", "#"), ERR_LIMIT);
	assert_int_equal(step(&f, PUT, "large0", "#"), OK); /* replaced: there is room */
	assert_int_equal(step(&f, PUT, "one", "#"), OK);
	assert_int_equal(step(&f, DELETE_ALL, "", ""), OK);

	for (int i = 0; i < LIMIT_sieve_scripts; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		assert_int_equal(step(&f, PUT, name, "#"), OK);
	}
	assert_int_equal(step(&f, PUT, "one", "#"), ERR_LIMIT);
	assert_string_equal(f.why.text, "at most 100 scripts can be stored");
	assert_int_equal(step(&f, PUT, "s0", "##"), OK);
	fixture_close(&f);
}

static void test_compile(void **state)
{
	struct sieve_errors errors = { 0 };
	struct arena a = { 0 };
	struct str program;

	(void)state;
	assert_true(script_compile(&a, STR("keep;\r\n"), &program, &errors));
	assert_true(sieve_program_check(program));
	assert_false(script_compile(&a, STR("keep;\r\nfoo;\r\n"), &program, &errors));
	assert_int_equal(errors.n, 1);
	assert_int_equal(errors.items[0].line, 2);
	arena_deinit(&a);
}

static enum err damage(struct txn *t, void *arg)
{
	const struct fixture *f = arg;
	char key[4 + 16] = { 0, 0, 0, (char)f->ada }, hash[16] = { 0 };
	enum err e = kv_put(t, SPACE_SCRIPT, str_from(key, 4), str_from(hash, 16));

	return e != OK ? e : kv_put(t, SPACE_SCRIPT, str_from(key, 20), STR("\x02"));
}

static void test_damage(void **state)
{
	struct look l = { 0 };
	struct fixture f;

	(void)state;
	fixture_open(&f);
	assert_int_equal(fixture_write(&f, damage, &f), OK);
	assert_int_equal(fixture_fsck(&f), 2); /* the row, and the active script */
	l.owner.account = f.ada;
	assert_int_equal(store_read(f.ts.store, look_run, &l), ERR_CORRUPT);
	arena_deinit(&l.a);
	assert_int_equal(step(&f, DELETE_ALL, "", ""), OK);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),     cmocka_unit_test(test_ids),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_owners),   cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_key), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_compile),  cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
