/* Percent-decoding of paths: what stays, and what it then stands for. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "network/http_server/path.h"

#include <string.h>

static const struct {
	const char *raw, *path, *part; /* part: when all of it is one */
} rows[] = {
	{ "", "", "" },
	{ "plain", "plain", "plain" },
	{ "a%40b", "a@b", "a@b" },
	{ "%c3%BC", "\xc3\xbc", "\xc3\xbc" },
	{ "a%2Fb", "a%2Fb", "a/b" }, /* RFC 3986 2.2 */
	{ "a%2fb", "a%2fb", "a/b" },
	{ "50%25", "50%25", "50%" },
	{ "a%252Fb", "a%252Fb", "a%2Fb" }, /* a name with "%2F" in it is another one */
	{ "%25252F", "%25252F", "%252F" },
	{ "%2e%2e", "..", ".." },
	{ "%", "%", "%" },
	{ "%4", "%4", "%4" },
	{ "%zz", "%zz", "%zz" },
	{ "a%00b", "a%00b", "a%00b" }, /* never a string that ends early */
	{ "%41%00", "%41%00", "%41%00" },
};

static void decodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		char text[32];
		size_t n;

		strcpy(text, rows[i].raw);
		n = path_unescape(text);
		check_at(i, n == strlen(text));
		check_at(i, strcmp(text, rows[i].path) == 0);
		check_at(i, str_eq(http_part(&a, str_from(text, n)), str_of(rows[i].part)));
		arena_deinit(&a);
	}
}

/* RFC 9112 3.2.2; the field Host was "field". */
static void absolute_form(void **state)
{
	static const struct {
		const char *target, *path, *host;
	} targets[] = {
		{ "/a", "/a", "field" },
		{ "http://b/a/c", "/a/c", "b" },
		{ "HTTPS://b:8/", "/", "b:8" },
		{ "http://b", "/", "b" },
		{ "http://", "/", "" },
		{ "http:///a", "/a", "" },
		{ "http:/b", "http:/b", "field" },
		{ "ftp://b/a", "ftp://b/a", "field" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(targets); i++) {
		struct str path = str_of(targets[i].target), host = STR("field");
		struct str kept = str_of(targets[i].target), two = STR("a,b");

		http_target_split(&path, &host);
		check_at(i, str_eq(path, str_of(targets[i].path)));
		check_at(i, str_eq(host, str_of(targets[i].host)));
		http_target_split(&kept, &two);
		check_at(i, str_eq(two, STR("a,b")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(decodes),
		                            cmocka_unit_test(absolute_form) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
