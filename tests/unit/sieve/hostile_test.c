/* Scripts and messages that are made to cost much: they end in an error or at a limit, soon, and
 * script_run checks the memory of each run. */
#include "formats/sieve/words.h"
#include "harness/sieve_script.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_BYTES = 1 << 20, SCRIPT_BYTES = 64 << 10, CPU_MS_MAX = 4000 };

static struct buf message, script;
static clock_t began;

static int setup(void **state)
{
	(void)state;
	buf_init(&message, MESSAGE_BYTES);
	buf_init(&script, SCRIPT_BYTES);
	began = clock();
	return 0;
}

/* Under sanitizers; a run that is not linear takes minutes. */
static int teardown(void **state)
{
	(void)state;
	buf_deinit(&message);
	buf_deinit(&script);
	script_world.message = NULL;
	return (clock() - began) * 1000 / CLOCKS_PER_SEC > CPU_MS_MAX;
}

static const char *text(struct buf *b)
{
	buf_byte(b, '\0');
	assert_true(buf_ok(b));
	return b->p;
}

static void repeat(struct buf *b, const char *s, int n)
{
	while (n-- > 0)
		buf_put(b, str_of(s));
}

static void message_use(void)
{
	script_world.message = text(&message);
}

/* --- scripts ------------------------------------------------------------------------------ */

static void test_cut_at_every_byte(void **state)
{
	static const char whole[] =
		"require [\"fileinto\", \"variables\", \"foreverypart\", \"mime\", \"ihave\"];\r\n"
		"# comment\r\n/* and another */ set :lower \"a\" \"${b}\\\"x\";\r\n"
		"if anyof (not header :matches [\"a\", \"b\"] \"*\", "
		"allof (true, size :over 1K)) {\r\n"
		"foreverypart :name \"x\" { if header :mime :param \"p\" \"c\" \"d\" "
		"{ break :name \"x\"; } }\r\n"
		"} elsif ihave \"nothing\" { frop \"a\"; } else { fileinto text:\r\n"
		"folder\r\n..\r\n.\r\n; }\r\n";
	size_t compiled = 0;

	(void)state;
	for (size_t n = 0; n < sizeof whole; n++) {
		struct arena a = { 0 };
		struct sieve_options options = { .limits = SIEVE_LIMITS_DEFAULT };
		struct sieve_errors errors;
		struct buf program;
		bool ok;

		buf_init(&program, SIEVE_PROGRAM_MAX);
		ok = sieve_compile(&a, str_from(whole, n), &options, &program, &errors);
		check_at(n, ok == (errors.n == 0));
		check_at(n, !ok || sieve_program_check(buf_str(&program)));
		for (size_t i = 0; i < errors.n; i++)
			check_at(n, errors.items[i].line != 0 && errors.items[i].column != 0 &&
			                    errors.items[i].text.n != 0);
		compiled += ok;
		buf_deinit(&program);
		arena_deinit(&a);
	}
	assert_in_range(compiled, 5, sizeof whole / 2);
}

static void test_missing_require(void **state)
{
	size_t words = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(sieve_words); i++) {
		const struct sieve_word *w = &sieve_words[i];
		char line[200], want[200];

		if (w->name == NULL || w->ext == EXT_BASE || w->ext >= EXT_TESTSUITE)
			continue;
		(void)snprintf(line, sizeof line, w->kind == WORD_TEST ? "if %s {}" : "%s;",
		               w->name);
		(void)snprintf(want, sizeof want, "\"%s\" needs require \"%s\"", w->name,
		               sieve_extensions[w->ext].name);
		check_at(i, strstr(script_errors(line), want) != NULL);
		words++;
	}
	assert_true(words > 30);
	assert_non_null(strstr(script_errors("require \"convert\"; require [\"x\"];"),
	                       "The extension \"convert\" is not supported\n1:28 The extension"));
}

static void test_limits_of_scripts(void **state)
{
	(void)state;
	for (int n = SIEVE_VARIABLES; n <= SIEVE_VARIABLES + 1; n++) {
		buf_reset(&script);
		buf_put(&script, STR("require \"variables\"; "));
		for (int i = 0; i < n; i++)
			buf_fmt(&script, "set \"v%d\" \"a\"; ", i);
		check_at(n, (strstr(script_errors(text(&script)), "more than 128 variables") !=
		             NULL) == (n > SIEVE_VARIABLES));
	}
	buf_reset(&script);
	repeat(&script, "if not ", 5000);
	repeat(&script, "(", 5000);
	assert_non_null(strstr(script_errors(text(&script)), "nested too deeply"));
	buf_reset(&script);
	buf_put(&script, STR("require \"foreverypart\"; "));
	repeat(&script, "foreverypart { ", 9);
	repeat(&script, "}", 9);
	assert_string_equal(script_errors(text(&script)), "");
}

/* A value is cut, and never doubles for long. */
static void test_variables_explode(void **state)
{
	(void)state;
	buf_put(&script,
	        STR("require [\"variables\", \"fileinto\"]; set \"a\" \"0123456789abcdef\"; "));
	repeat(&script, "set \"a\" \"${a}${a}${a}${a}${a}${a}${a}${a}\"; ", 50);
	repeat(&script, "if string :matches \"${a}${a}${a}\" \"*x*\" { stop; } ", 50);
	buf_put(&script, STR("set :length \"n\" \"${a}\"; fileinto \"${n}\";"));
	check_run(0, text(&script), "fileinto 4096");
	buf_reset(&script);
	buf_put(&script, STR("require [\"variables\"]; set \"v\" \"0123456789abcdef\"; "));
	repeat(&script, "set \"v\" \"${v}${v}\"; ", 8);
	for (int i = 0; i < 100; i++)
		buf_fmt(&script, "set \"v%d\" \"${v}\"; ", i);
	assert_non_null(strstr(script_run(text(&script)), "too much memory"));
}

/* --- messages ----------------------------------------------------------------------------- */

static void test_patterns(void **state)
{
	static const char *const tests[] = {
		"header :matches \"subject\" \"*a*a*a*a*a*a*a*a*a*a*b\"",
		"header :matches \"subject\" \"*?a*?a*?a*?a*?a*?a*?b\"",
		"header :contains \"subject\" \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"",
		"header :regex \"subject\" \"^(a*)*(a|aa)*(a?){20}b$\"",
		"header :regex \"subject\" \"(x+x+)+y|(.*.*.*.*.*){8}b\"",
	};

	(void)state;
	buf_put(&message, STR("Subject: "));
	repeat(&message, "a", 30000);
	buf_put(&message, STR("\r\n\r\n"));
	message_use();
	for (size_t i = 0; i < COUNT(tests); i++) {
		char line[300];
		const char *done;

		(void)snprintf(line, sizeof line, "require \"regex\"; if %s { discard; }",
		               tests[i]);
		done = script_run(line);
		check_at(i, strcmp(done, "implicit keep") == 0 || strstr(done, "steps") != NULL);
	}
}

static void test_many_fields(void **state)
{
	(void)state;
	repeat(&message, "X-Many: one\r\n", 10000);
	buf_put(&message, STR("Subject: last\r\n\r\n"));
	message_use();
	check_run(0, "if header \"subject\" \"last\" { discard; }", "discard");
	check_run(1, "if header \"x-many\" \"two\" { discard; }", "implicit keep");
	check_run(
		2,
		"require [\"relational\", \"comparator-i;ascii-numeric\"]; if header :count \"eq\" "
		":comparator \"i;ascii-numeric\" \"x-many\" \"10000\" { discard; }",
		"discard");
	assert_non_null(
		strstr(script_run("require \"editheader\"; deleteheader \"x-many\"; discard;"),
	               "implicit keep, error 1:"));
}

/* Past the limits of a run, parts belong to the body around them. */
static void test_many_parts(void **state)
{
	(void)state;
	buf_put(&message, STR("Content-Type: multipart/mixed; boundary=b\r\n\r\n"));
	repeat(&message, "--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n", 5000);
	message_use();
	assert_non_null(
		script_run("require [\"foreverypart\", \"mime\"]; foreverypart { foreverypart { "
	                   "if header :mime :type \"content-type\" \"x\" { discard; } } }"));
	check_run(1, "require \"mime\"; if exists :mime :anychild \"x-none\" { discard; }",
	          "implicit keep");
	assert_non_null(script_run("require \"mime\"; if header :mime :anychild :param \"p\" "
	                           "\"content-type\" \"x\" { discard; }"));
}

static void test_many_changes(void **state)
{
	(void)state;
	buf_put(&script, STR("require [\"enclose\", \"editheader\"]; "));
	repeat(&script, "enclose \"again\"; ", 1000);
	assert_non_null(strstr(script_run(text(&script)), "too much memory"));
	buf_reset(&script);
	buf_put(&script, STR("require \"foreverypart\"; "));
	repeat(&message, "Content-Type: message/rfc822\r\n\r\n", 30);
	message_use();
	repeat(&script, "foreverypart { ", 9);
	buf_put(&script, STR("keep; "));
	repeat(&script, "}", 9);
	assert_non_null(strstr(script_run(text(&script)), "More than 8 loops are nested"));
}

#define hostile(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		hostile(test_cut_at_every_byte), hostile(test_missing_require),
		hostile(test_limits_of_scripts), hostile(test_variables_explode),
		hostile(test_patterns),          hostile(test_many_fields),
		hostile(test_many_parts),        hostile(test_many_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
