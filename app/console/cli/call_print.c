/* console/cli/call_print.c: JSON as lines; see call.h.
 *
 *	time=2026-01-31T12:00:00Z from=ada@example.org to=bob@example.org,eve@example.net
 *	  steps:
 *	    time=2026-01-31T12:00:01Z what=delivered */
#include "console/cli/call.h"

#include "console/cli/terminal.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

enum { INDENT = 2 };

/* An object or list whose nested members are being printed. */
struct level {
	struct json_iter rest;
	bool list;
};

static bool nested(struct json v)
{
	struct json_iter it = json_iter(v);

	if (json_kind(v) == JSON_OBJECT)
		return true;
	return json_kind(v) == JSON_ARRAY && json_next(&it) &&
	       (json_kind(it.value) == JSON_OBJECT || json_kind(it.value) == JSON_ARRAY);
}

/* What came from a peer must not move the terminal's cursor, or look like another member. */
static void put_text(FILE *to, struct str s)
{
	struct json_writer w;
	struct buf quoted;
	bool plain = s.n != 0;

	for (size_t i = 0; i < s.n; i++)
		plain &= (unsigned char)s.p[i] > ' ' && s.p[i] != '"';
	buf_init(&quoted, 2 * JSON_BYTES_MAX);
	json_writer_init(&w, &quoted);
	if (!plain)
		json_put_str(&w, NULL, s);
	terminal_put(to, plain ? s : buf_str(&quoted));
	buf_deinit(&quoted);
}

static void put_scalar(FILE *to, struct json v)
{
	struct str text;
	int64_t n;
	uint64_t u;
	bool yes;

	if (json_str(v, &text))
		put_text(to, text);
	else if (json_u64(v, &u))
		fprintf(to, "%" PRIu64, u);
	else if (json_i64(v, &n))
		fprintf(to, "%" PRId64, n);
	else
		fputs(json_bool(v, &yes) ? (yes ? "yes" : "no") : "-", to);
}

static void put_value(FILE *to, struct json v)
{
	struct json_iter it = json_iter(v);
	const char *between = "";

	if (json_kind(v) != JSON_ARRAY) {
		put_scalar(to, v);
		return;
	}
	while (json_next(&it)) {
		fputs(between, to);
		put_scalar(to, it.value);
		between = ",";
	}
}

/* Members that are not nested: on one line, or each on its own. */
static void put_members(FILE *to, struct json object, int indent, bool one_line)
{
	struct json_iter it = json_iter(object);
	bool first = true;

	while (json_next(&it)) {
		if (nested(it.value))
			continue;
		if (first || !one_line)
			fprintf(to, "%*s", indent, "");
		else
			fputs(" ", to);
		fprintf(to, "%.*s=", STR_ARG(it.name));
		put_value(to, it.value);
		if (!one_line)
			fputs("\n", to);
		first = false;
	}
	if (one_line)
		fputs("\n", to);
}

void call_print(FILE *to, struct json answer)
{
	struct level levels[JSON_DEPTH_MAX];
	int depth = 1;

	levels[0] = (struct level){ .rest = json_iter(answer),
		                    .list = json_kind(answer) == JSON_ARRAY };
	if (!levels[0].list)
		put_members(to, answer, 0, false);
	while (depth > 0) {
		struct level *l = &levels[depth - 1];
		int indent = (depth - 1) * INDENT;
		struct json v;

		if (!json_next(&l->rest)) {
			depth--;
			continue;
		}
		v = l->rest.value;
		if (!nested(v))
			continue;
		if (!l->list)
			fprintf(to, "%*s%.*s:\n", indent, "", STR_ARG(l->rest.name));
		if (json_kind(v) == JSON_OBJECT)
			put_members(to, v, l->list ? indent : indent + INDENT, true);
		if (depth < JSON_DEPTH_MAX)
			levels[depth++] = (struct level){ .rest = json_iter(v),
				                          .list = json_kind(v) == JSON_ARRAY };
	}
}
