/* Settings of filters and of the vacation as JSON. Laws: what is read makes a script that compiles,
 * unless it is too long; written and read again it makes the same script. */
#include "flow/filtering/rules.h"
#include "flow/filtering/vacation.h"
#include "formats/sieve/sieve.h"
#include "model/filters/scripts.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool rules_make(struct arena *a, struct json v, struct buf *script, struct buf *json)
{
	struct json_writer w;
	struct rules rules;

	if (rules_read(a, v, &rules, NULL) != OK)
		return false;
	rules_sieve(&rules, script);
	json_writer_init(&w, json);
	rules_put(&w, NULL, &rules);
	return true;
}

static bool vacation_make(struct arena *a, struct json v, struct buf *script, struct buf *json)
{
	struct json_writer w;
	struct vacation vacation;

	if (vacation_read(a, v, &vacation, NULL) != OK)
		return false;
	vacation_sieve(&vacation, script);
	json_writer_init(&w, json);
	vacation_put(&w, NULL, &vacation);
	return true;
}

typedef bool make_fn(struct arena *a, struct json v, struct buf *script, struct buf *json);

static void settings_law(make_fn *make, struct arena *a, struct json v)
{
	struct sieve_errors errors;
	struct buf script, json, again, more;
	struct str program;
	struct json copy;

	buf_init(&script, SCRIPT_TEXT_MAX);
	buf_init(&json, 4 << 20);
	buf_init(&again, SCRIPT_TEXT_MAX);
	buf_init(&more, 4 << 20);
	if (make(a, v, &script, &json) && buf_ok(&script)) {
		if (script.n != 0 && !script_compile(a, buf_str(&script), &program, &errors))
			abort();
		if (!json_parse_long(a, buf_str(&json), 4 << 20, &copy) ||
		    !make(a, copy, &again, &more))
			abort();
		assert(str_eq(buf_str(&script), buf_str(&again)));
		assert(str_eq(buf_str(&json), buf_str(&more)));
	}
	buf_deinit(&script);
	buf_deinit(&json);
	buf_deinit(&again);
	buf_deinit(&more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = { 0 };
	struct json v;

	if (json_parse(&a, str_from((const char *)data, n), &v)) {
		settings_law(rules_make, &a, v);
		settings_law(vacation_make, &a, v);
	}
	arena_deinit(&a);
	return 0;
}
