/* The grammar of commands and strings (RFC 5804 4), whole and cut at every length; and each command
 * in each state. */
#include "unit/managesieve/fixture.h"

#include "protocols/managesieve/commands.h"
#include "protocols/managesieve/wire_syntax.h"

#include <string.h>

/* The command as words: strings in brackets; NULL: it is none. */
static const struct {
	const char *text, *want;
} commands[] = {
	{ "NOOP", "NOOP" },
	{ "noop ", "noop" },
	{ "NOOP \"\"", "NOOP []" },
	{ "NOOP \"a b\"  ", "NOOP [a b]" },
	{ "NOOP \"a\\\"\\\\\"", "NOOP [a\"\\]" },
	{ "NOOP {0+}\r\n", "NOOP []" },
	{ "NOOP {3+}\r\na\r\n", "NOOP [a\r\n]" },
	{ "HAVESPACE \"x\" 0", "HAVESPACE [x] 0" },
	{ "HAVESPACE \"x\" 4294967295", "HAVESPACE [x] 4294967295" },
	{ "PUTSCRIPT {1+}\r\nx {2+}\r\n{}", "PUTSCRIPT [x] [{}]" },
	{ "", NULL },
	{ " NOOP", NULL },
	{ "\"NOOP\"", NULL },
	{ "NOOP  \"a\"", NULL },
	{ "NOOP\t\"a\"", NULL },
	{ "NOOP a", NULL },
	{ "NOOP \"a", NULL },
	{ "NOOP \"a\\n\"", NULL },
	{ "NOOP \"a\\", NULL },
	{ "NOOP \"\xff\"", NULL },
	{ "NOOP \"a\"x", NULL },
	{ "NOOP {1}\r\na", NULL },
	{ "NOOP {01+}\r\na", NULL },
	{ "NOOP {2+}\r\na", NULL },
	{ "NOOP {4294967296+}\r\na", NULL },
	{ "NOOP 01", NULL },
	{ "NOOP 4294967296", NULL },
	{ "NOOP \"a\" \"b\" \"c\"", NULL },
};

static void test_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		struct managesieve_command c;
		struct arena a = { 0 };
		char room[200];
		struct buf got;
		bool ok = managesieve_command_parse(str_of(commands[i].text), &a, &c);

		check_at(i, ok == (commands[i].want != NULL));
		buf_init_in(&got, room, sizeof(room));
		buf_put(&got, c.verb);
		for (unsigned k = 0; ok && k < c.count; k++)
			if (c.args[k].is_number)
				buf_fmt(&got, " %u", (unsigned)c.args[k].number);
			else
				buf_fmt(&got, " [%.*s]", STR_ARG(c.args[k].text));
		if (ok)
			check_str_at(i, buf_str(&got), str_of(commands[i].want));
		arena_deinit(&a);
	}
}

/* Whatever is missing at the end: nothing is read past it. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++)
		for (size_t n = 0; n <= strlen(commands[i].text); n++) {
			struct managesieve_command c;
			struct arena a = { 0 };
			struct str cut = str_new(str_from(commands[i].text, n)), text;

			(void)managesieve_command_parse(cut, &a, &c);
			(void)managesieve_string_parse(cut, &a, &text);
			str_free(&cut);
			arena_deinit(&a);
		}
}

static void test_literal_at_end(void **state)
{
	static const struct {
		const char *line;
		bool want;
		uint64_t size;
	} rows[] = {
		{ "NOOP {5+}", true, 5 },
		{ "{0+}", true, 0 },
		{ "{99999999999999999999+}", true, UINT64_MAX },
		{ "NOOP {5}", false, 0 },
		{ "NOOP {+}", false, 0 },
		{ "NOOP {5+} ", false, 0 },
		{ "NOOP {-5+}", false, 0 },
		{ "5+}", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t size = 0;

		check_at(i, rows[i].want ==
		                    managesieve_literal_at_end(str_of(rows[i].line), &size));
		check_at(i, size == rows[i].size);
	}
}

static void test_strings(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "\"\"" },
		{ "a b", "\"a b\"" },
		{ "M\xc3\xbcll", "\"M\xc3\xbcll\"" },
		{ "a\"b", "{3}\r\na\"b" },
		{ "a\\b", "{3}\r\na\\b" },
		{ "a\r\nb", "{4}\r\na\r\nb" },
	};
	char large[MANAGESIEVE_QUOTED_MAX + 1];
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_reset(&b);
		managesieve_string_put(&b, str_of(rows[i].text));
		check_str_at(i, buf_str(&b), str_of(rows[i].want));
	}
	memset(large, 'x', sizeof(large));
	buf_reset(&b);
	managesieve_string_put(&b, str_from(large, MANAGESIEVE_QUOTED_MAX));
	assert_int_equal(b.p[0], '"');
	buf_reset(&b);
	managesieve_string_put(&b, str_from(large, sizeof(large)));
	assert_true(str_starts(buf_str(&b), STR("{1025}\r\n")));
	buf_deinit(&b);
}

/* A command is refused for its state there and only there where its row says so. */
static void test_states(void **state)
{
	static struct managesieve_fixture f;
	struct arena a = { 0 };

	(void)state;
	managesieve_fixture_open(&f);
	for (size_t i = 0; i < managesieve_row_count; i++) {
		struct str line = str_fmt(&a, "%s\r\n", managesieve_rows[i].verb);

		for (int ready = 0; ready < 2; ready++) {
			struct conn *c = ready ? managesieve_fixture_login(&f, 0)
			                       : fake_open(0, &f.service, false);
			enum managesieve_state s = ready ? MANAGESIEVE_READY : MANAGESIEVE_START;
			bool refused;

			buf_reset(&c->sent);
			fake_send(c, line, SIZE_MAX);
			refused = str_eq(buf_str(&c->sent),
			                 ready ? STR("NO \"you are logged in\"\r\n")
			                       : STR("NO \"log in first\"\r\n"));
			check_at(i, refused == !(managesieve_rows[i].states & BIT(s)));
			fake_close(c);
		}
	}
	arena_deinit(&a);
	managesieve_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_literal_at_end), cmocka_unit_test(test_strings),
		cmocka_unit_test(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
