/* console/cli/self_test.c: `roost doctor --self-test`: the test runs in the server, which is
 * asked for its progress every 300 ms. */
#include "console/cli/command.h"

#include "console/cli/call.h"
#include "console/cli/cli_private.h"
#include "foundation/base/clock.h"

#include <stdlib.h>

enum { LOOK_MS = 300, UNTIL_MS = 600000 };

static struct str word_of(struct json of, const char *name)
{
	struct str text = STR_EMPTY;

	(void)json_str(json_get(of, name), &text);
	return text;
}

static enum err begin(const struct settings *s, struct arena *a, struct str what, struct str domain,
                      struct why *why)
{
	ptrdiff_t at = str_rfind_byte(what, '@');
	struct str own = at >= 0       ? str_sub(what, (size_t)at + 1, what.n)
	                 : what.n != 0 ? what
	                               : domain;
	char *argv[2] = { (char *)str_z(a, str_fmt(a, "domain=%.*s", STR_ARG(own))),
		          (char *)str_z(a, str_fmt(a, "to=%.*s", STR_ARG(what))) };
	struct json answer;
	struct str text;

	return call_ask(s, "api_doctor_test_begin", at >= 0 ? 2 : 1, argv, a, &text, &answer, why);
}

/* Until it is over; *text and *test are as the API has it. */
static enum err await(const struct settings *s, struct arena *a, struct str *text,
                      struct json *test, struct why *why)
{
	int64_t until_ms = clock_mono_ms() + UNTIL_MS;
	enum err e = call_ask(s, "api_doctor_test", 0, NULL, a, text, test, why);

	while (e == OK && str_eq(word_of(*test, "state"), STR("running"))) {
		if (clock_mono_ms() > until_ms)
			return fail(why, ERR_RETRY,
			            "it still runs; `roost doctor self-test result`");
		clock_sleep_ms(LOOK_MS);
		e = call_ask(s, "api_doctor_test", 0, NULL, a, text, test, why);
	}
	return e;
}

static int say(struct json test, bool json, struct str text)
{
	struct json_iter it = json_iter(json_get(test, "steps"));
	struct doctor_sum sum = { .wrong = 0 };

	if (json)
		printf("%.*s\n", STR_ARG(text));
	else
		printf("%.*s to %.*s\n", STR_ARG(word_of(test, "from")),
		       STR_ARG(word_of(test, "to")));
	while (json_next(&it)) {
		const struct doctor_words words = { .state = word_of(it.value, "state"),
			                            .what = word_of(it.value, "title"),
			                            .seen = word_of(it.value, "seen"),
			                            .expected = word_of(it.value, "expected"),
			                            .advice = word_of(it.value, "advice") };

		doctor_say(&sum, json, &words);
	}
	return doctor_status(&sum);
}

int cli_self_test(const struct settings *s, struct str what, struct str domain, bool json)
{
	struct arena a = { 0 };
	struct why why = { "" };
	struct str text = STR_EMPTY;
	struct json test = { NULL };
	enum err e = begin(s, &a, what, domain, &why);
	int status;

	if (e == OK)
		e = await(s, &a, &text, &test, &why);
	if (e == OK && str_eq(word_of(test, "state"), STR("failed")))
		e = fail(&why, ERR_DENIED, "%.*s", STR_ARG(word_of(test, "problem")));
	status = e == OK ? say(test, json, text) : command_failed("doctor", &why);
	arena_deinit(&a);
	return status;
}
