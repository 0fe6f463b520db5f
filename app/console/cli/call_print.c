/* console/cli/call_print.c: JSON as lines; see call.h.
 *
 *	time=2026-01-31T12:00:00Z from=ada@example.org to=bob@example.org,eve@example.net
 *	  steps:
 *	    time=2026-01-31T12:00:01Z what=delivered
 *
 * or by a template, whose tags are
 *
 *	{a} {a.b} {.}        a member, or the value itself; items of a list with blanks between
 *	{^a}                 a text of several lines, without its last line end
 *	{#a}...{/}           for each item of a list
 *	{?a}...{/}           if it has a value; {?a=b}: this value; {!a}, {!a=b}: if not
 */
#include "console/cli/call.h"

#include "console/cli/cli_private.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

#include <string.h>

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

/* Text from a peer must not move the terminal's cursor or look like another member. */
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

/* --- templates --------------------------------------------------------------------------- */

/* "a.b" is a member of a member; of a list, the first item is meant. */
static struct json member(struct json v, struct str path)
{
	struct cur c = cur_of(path);

	if (str_eq(path, STR(".")))
		return v;
	while (!cur_done(&c)) {
		struct json_iter it = json_iter(v);
		char name[32];
		struct str part;

		if (json_kind(v) == JSON_ARRAY)
			v = json_next(&it) ? it.value : (struct json){ NULL };
		if (!cur_until(&c, '.', &part))
			cur_take(&c, cur_left(&c), &part);
		cur_byte(&c, '.');
		snprintf(name, sizeof name, "%.*s", STR_ARG(part));
		v = json_get(v, name);
	}
	return v;
}

static void put_plain(FILE *to, struct json v, const char *between)
{
	struct json_iter it = json_iter(v);
	struct str text;
	bool first = true;

	if (json_kind(v) == JSON_ARRAY) {
		for (; json_next(&it); first = false) {
			fputs(first ? "" : between, to);
			put_plain(to, it.value, between);
		}
	} else if (json_str(v, &text)) {
		terminal_put(to, text);
	} else if (json_kind(v) != JSON_NULL && json_kind(v) != JSON_MISSING) {
		put_scalar(to, v);
	}
}

/* "name": it has a value. "name=value": it has this one; of a bool, yes or no. */
static bool holds(struct json v, struct str test)
{
	ptrdiff_t is = str_find_byte(test, '=');
	struct json m = member(v, str_sub(test, 0, is < 0 ? test.n : (size_t)is));
	struct str want = str_sub(test, is < 0 ? test.n : (size_t)is + 1, test.n), text;
	bool yes;

	if (json_bool(m, &yes))
		return yes == (is < 0 || str_eq(want, STR("yes")));
	if (json_str(m, &text))
		return is < 0 ? text.n != 0 : str_eq(text, want);
	return is < 0 && (json_kind(m) == JSON_NUMBER || json_count(m) != 0);
}

/* A tag without its braces; false: the template has no other. */
static bool tag_next(struct cur *c, FILE *to, struct str *tag)
{
	struct str text;

	if (!cur_until(c, '{', &text)) {
		text = cur_rest(c);
		fwrite(text.p, 1, text.n, to);
		return false;
	}
	fwrite(text.p, 1, text.n, to);
	cur_skip(c, 1);
	cur_until(c, '}', tag);
	cur_skip(c, 1);
	return true;
}

/* The template up to the {/} of this depth. */
static struct str block_take(struct cur *c)
{
	struct str rest = cur_rest(c), text, tag = STR_EMPTY;
	size_t inside = rest.n;
	int depth = 1;

	while (depth > 0 && cur_until(c, '{', &text)) {
		inside = rest.n - cur_left(c);
		cur_skip(c, 1);
		cur_until(c, '}', &tag);
		cur_skip(c, 1);
		depth += str_eq(tag, STR("/")) ? -1 : tag.n != 0 && strchr("?!#", tag.p[0]) != NULL;
	}
	return str_sub(rest, 0, inside);
}

static void put_template(FILE *to, struct str text, struct json v);

static void put_tag(FILE *to, struct cur *c, struct str tag, struct json v)
{
	struct str name = str_sub(tag, 1, tag.n), text;
	struct json_iter it;

	if (tag.p[0] == '?' || tag.p[0] == '!') {
		struct str block = block_take(c);

		if (holds(v, name) == (tag.p[0] == '?'))
			put_template(to, block, v);
	} else if (tag.p[0] == '#') {
		struct str block = block_take(c);

		it = json_iter(member(v, name));
		while (json_next(&it))
			put_template(to, block, it.value);
	} else if (tag.p[0] == '^') {
		if (json_str(member(v, name), &text))
			terminal_put_lines(to, str_sub(text, 0,
			                               text.n - str_ends(text, STR("\n"))));
	} else {
		put_plain(to, member(v, tag), " ");
	}
}

/* Recursion: as deep as blocks are in a row of calls.def. */
static void put_template(FILE *to, struct str text, struct json v)
{
	struct cur c = cur_of(text);
	struct str tag;

	while (tag_next(&c, to, &tag))
		put_tag(to, &c, tag, v);
}

void call_print_as(FILE *to, const char *prints, struct json value)
{
	put_template(to, str_of(prints), value);
	fputs("\n", to);
}
