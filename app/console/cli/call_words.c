/* console/cli/call_words.c: the arguments of a command become a call of the API; see call.h.
 *
 * A row of calls.def says what its arguments are, in `takes`. The words of it:
 *
 *	name          the next argument is the value of this field
 *	name...       all other arguments are, as a list
 *	name|a|b      the next argument, which must be a or b; or name|a|b...
 *	name<         the next argument is a file, and its contents are the value
 *	name=value    a fixed value
 *	word:a=b      a=b, if one of the arguments is this word
 *	name!         a password, asked for
 *	as            the first argument is the account that makes the call
 *	#             the last parameter of the path is a number
 *	@             the body is the file of the next argument, or standard input
 *
 * The last value of a field counts. The remaining arguments are NAME=VALUE. */
#include "console/cli/call.h"

#include "console/cli/command.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/text/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 32, FILE_PIECE = 64 << 10 };

/* A member of the body or of the query. */
struct field {
	struct str name, value;
	const struct str *items; /* instead of value, unless NULL */
	size_t count;
};

struct words {
	struct call *call;
	struct str *args; /* those that are left */
	size_t count;
	struct field fields[FIELDS_MAX];
	size_t field_count;
	bool number; /* the last parameter is one */
};

/* --- arguments --------------------------------------------------------------------------- */

static int arg_wrong(struct str arg, const char *what)
{
	fprintf(stderr, "roost: %.*s is %s\n", STR_ARG(arg), what);
	return EXIT_USAGE;
}

static bool arg_take(struct words *w, struct str *out)
{
	if (w->count == 0)
		return false;
	*out = *w->args++;
	w->count--;
	return true;
}

static bool arg_find(struct words *w, struct str word)
{
	for (size_t i = 0; i < w->count; i++) {
		if (!str_eq(w->args[i], word))
			continue;
		memmove(&w->args[i], &w->args[i + 1], (w->count - i - 1) * sizeof *w->args);
		w->count--;
		return true;
	}
	return false;
}

static int field_add(struct words *w, struct field f)
{
	size_t i = 0;

	while (i < w->field_count && !str_eq(w->fields[i].name, f.name))
		i++;
	if (i == FIELDS_MAX)
		return arg_wrong(f.name, "one field too many");
	w->fields[i] = f;
	w->field_count = MAX(w->field_count, i + 1);
	return EXIT_SUCCESS;
}

/* NAME=VALUE */
static int named_add(struct words *w, struct str arg)
{
	struct cur c = cur_of(arg);
	struct field f = { .items = NULL };

	if (!cur_until(&c, '=', &f.name))
		return arg_wrong(arg, "not NAME=VALUE of a name that is taken here");
	cur_skip(&c, 1);
	f.value = cur_rest(&c);
	return field_add(w, f);
}

/* --- files and passwords ----------------------------------------------------------------- */

/* path empty: standard input. */
static enum err file_read(struct call *c, struct str path, struct buf *out)
{
	FILE *from = path.n != 0 ? fopen(str_z(&c->a, path), "rb") : stdin;
	size_t n = 1;
	char *to;

	if (from == NULL)
		return fail_errno(&c->why, "%.*s", STR_ARG(path));
	while (n != 0 && (to = buf_room(out, FILE_PIECE)) != NULL) {
		n = fread(to, 1, FILE_PIECE, from);
		buf_commit(out, n);
	}
	if (ferror(from))
		(void)!fail_errno(&c->why, "reading");
	else if (n != 0)
		(void)!fail(&c->why, ERR_LIMIT, "it has more than %d bytes", LIMIT_send_body);
	else if (out->n == 0)
		(void)!fail(&c->why, ERR_SYNTAX, "it is empty");
	if (from != stdin)
		fclose(from);
	return c->why.text[0] == '\0' ? OK : ERR_IO;
}

/* Neither a header field nor PEM begins with a brace. */
static bool is_json(struct str text)
{
	size_t i = 0;

	while (i < text.n && strchr(" \t\r\n", text.p[i]) != NULL)
		i++;
	return i < text.n && text.p[i] == '{';
}

static int body_take(struct words *w)
{
	struct call *c = w->call;
	struct str path = STR_EMPTY;

	(void)arg_take(w, &path);
	if (file_read(c, path, &c->body) != OK)
		return command_failed(path.n != 0 ? str_z(&c->a, path) : "the message", &c->why);
	c->sent = buf_str(&c->body);
	c->type = is_json(c->sent) ? "application/json" : "message/rfc822";
	return EXIT_SUCCESS;
}

static int file_add(struct words *w, struct str name)
{
	struct call *c = w->call;
	struct str path = STR_EMPTY, text;
	struct buf b;
	enum err e;

	(void)arg_take(w, &path);
	buf_init(&b, LIMIT_send_body);
	e = file_read(c, path, &b);
	text = str_dup(&c->a, buf_str(&b));
	buf_deinit(&b);
	if (e != OK)
		return command_failed(str_z(&c->a, path), &c->why);
	return field_add(w, (struct field){ .name = name, .value = text });
}

static int password_add(struct words *w, struct str name)
{
	struct field f = { .name = name };

	if (!command_password(&w->call->a, &f.value))
		return EXIT_FAILURE;
	if (!utf8_valid(f.value)) { /* JSON cannot carry it */
		fputs("roost: a password must be UTF-8 text\n", stderr);
		return EXIT_FAILURE;
	}
	return field_add(w, f);
}

/* --- words of a row ---------------------------------------------------------------------- */

/* choices: "a|b"; empty: any value. */
static int choice_check(struct words *w, struct str value, struct str choices)
{
	struct cur c = cur_of(choices);
	bool fits = choices.n == 0;

	while (!fits && !cur_done(&c)) {
		struct str choice;

		if (!cur_until(&c, '|', &choice))
			cur_take(&c, cur_left(&c), &choice);
		cur_byte(&c, '|');
		fits = str_eq(choice, value);
	}
	return fits ? EXIT_SUCCESS
	            : arg_wrong(value, str_z(&w->call->a, str_fmt(&w->call->a, "not one of %.*s",
	                                                          STR_ARG(choices))));
}

static int list_add(struct words *w, struct str name, struct str choices)
{
	struct field f = { .name = name, .items = w->args, .count = w->count };
	int status = EXIT_SUCCESS;

	for (size_t i = 0; status == EXIT_SUCCESS && i < w->count; i++)
		status = choice_check(w, w->args[i], choices);
	w->args += w->count;
	w->count = 0;
	return status == EXIT_SUCCESS && f.count != 0 ? field_add(w, f) : status;
}

static int next_add(struct words *w, struct str name, struct str choices)
{
	struct field f = { .name = name };
	int status;

	if (!arg_take(w, &f.value))
		return EXIT_SUCCESS;
	status = choice_check(w, f.value, choices);
	return status == EXIT_SUCCESS ? field_add(w, f) : status;
}

/* Options and fixed values: they do not depend on the order of arguments. */
static int option_read(struct words *w, struct str word)
{
	ptrdiff_t colon = str_find_byte(word, ':'), equals = str_find_byte(word, '=');

	if (str_eq(word, STR("#")))
		w->number = true;
	else if (str_eq(word, STR("as")))
		return next_add(w, word, STR_EMPTY);
	else if (colon > 0 && colon < equals && arg_find(w, str_sub(word, 0, (size_t)colon)))
		return named_add(w, str_sub(word, (size_t)colon + 1, word.n));
	else if (colon < 0 && equals > 0)
		return named_add(w, word);
	return EXIT_SUCCESS;
}

static int value_read(struct words *w, struct str word)
{
	bool list = str_ends(word, STR("..."));
	struct str name = str_sub(word, 0, word.n - (list ? 3 : 1)), choices = STR_EMPTY;
	ptrdiff_t bar = str_find_byte(word, '|');

	if (str_eq(word, STR("#")) || str_eq(word, STR("as")) || str_find_byte(word, '=') >= 0)
		return EXIT_SUCCESS;
	if (str_eq(word, STR("@")))
		return body_take(w);
	if (str_ends(word, STR("<")))
		return file_add(w, name);
	if (str_ends(word, STR("!")))
		return w->count == 0 ? password_add(w, name) : EXIT_SUCCESS;
	if (!list)
		name = word;
	if (bar > 0) {
		choices = str_sub(name, (size_t)bar + 1, name.n);
		name = str_sub(name, 0, (size_t)bar);
	}
	return list ? list_add(w, name, choices) : next_add(w, name, choices);
}

static int takes_read(struct words *w, const char *takes, int (*read)(struct words *, struct str))
{
	struct cur c = cur_of(str_of(takes));
	int status = EXIT_SUCCESS;
	struct str word;

	while (status == EXIT_SUCCESS && !cur_done(&c)) {
		if (!cur_until(&c, ' ', &word))
			cur_take(&c, cur_left(&c), &word);
		cur_byte(&c, ' ');
		status = read(w, word);
	}
	return status;
}

/* --- the call ---------------------------------------------------------------------------- */

/* RFC 3986 2.3: unreserved characters stand for themselves. */
static void put_escaped(struct buf *to, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (ascii_alnum(s.p[i]) || strchr("-._~@", s.p[i]) != NULL)
			buf_byte(to, s.p[i]);
		else
			buf_fmt(to, "%%%02X", (unsigned char)s.p[i]);
	}
}

/* The path with its parameters filled in. */
static int path_put(struct words *w)
{
	struct call *c = w->call;
	struct cur path = cur_of(str_of(c->route->path));
	struct str part, arg = STR_EMPTY;
	uint64_t number;

	while (w->count != 0 && cur_until(&path, '{', &part)) {
		buf_put(&c->path, part);
		(void)arg_take(w, &arg);
		put_escaped(&c->path, arg);
		if (cur_until(&path, '}', &part))
			cur_skip(&path, 1);
	}
	if (cur_until(&path, '{', &part))
		return EXIT_USAGE;
	buf_put(&c->path, cur_rest(&path));
	path = cur_of(arg);
	if (w->number && !(cur_u64(&path, &number) && cur_done(&path)))
		return arg_wrong(arg, "not an id");
	return EXIT_SUCCESS;
}

void call_query_put(struct call *c, const char *name, struct str value)
{
	buf_fmt(&c->query, "%s%s=", c->query.n != 0 ? "&" : "", name);
	put_escaped(&c->query, value);
}

static void field_list_put(struct json_writer *w, const struct field *f)
{
	struct cur c = cur_of(f->value);
	struct str item;

	json_open(w, NULL, '[');
	for (size_t i = 0; i < f->count; i++)
		json_put_str(w, NULL, f->items[i]);
	while (f->items == NULL && !cur_done(&c)) {
		if (!cur_until(&c, ',', &item))
			cur_take(&c, cur_left(&c), &item);
		cur_byte(&c, ',');
		if (str_trim(item).n != 0)
			json_put_str(w, NULL, str_trim(item));
	}
	json_close(w);
}

static bool field_value_put(struct json_writer *w, const struct api_field *type,
                            const struct field *f)
{
	struct cur cur = cur_of(f->value);
	uint64_t n;

	json_put_name(w, type->name);
	if (type->list)
		field_list_put(w, f);
	else if (str_eq(type->type, STR("bool")) &&
	         (str_eq(f->value, STR("yes")) || str_eq(f->value, STR("no"))))
		json_put_bool(w, NULL, str_eq(f->value, STR("yes")));
	else if (str_eq(type->type, STR("int")) && cur_u64(&cur, &n) && cur_done(&cur))
		json_put_u64(w, NULL, n);
	else if (str_eq(type->type, STR("string")) || str_eq(type->type, STR("time")))
		json_put_str(w, NULL, f->value);
	else
		return false;
	return true;
}

/* Into the body, or the query of a call without one. */
static bool call_field_put(struct call *c, struct json_writer *w, const struct field *f)
{
	const struct api_shape *shape = api_shape_find(str_of(c->route->body));
	const char *name = str_z(&c->a, f->name);
	struct cur fields = cur_of(str_of(shape != NULL ? shape->fields : ""));
	struct api_field type;

	if (str_eq(f->name, STR("as")) || (shape == NULL && api_query_find(c->route, name))) {
		call_query_put(c, name, f->value);
		return true;
	}
	while (api_field_next(&fields, &type))
		if (str_eq(type.name, f->name))
			return field_value_put(w, &type, f);
	return false;
}

static int fields_put(struct words *w)
{
	struct call *c = w->call;
	struct json_writer json;

	if (c->sent.n != 0) /* the whole body is there */
		return w->field_count == 0 ? EXIT_SUCCESS : EXIT_USAGE;
	json_writer_init(&json, &c->body);
	json_open(&json, NULL, '{');
	for (size_t i = 0; i < w->field_count; i++)
		if (!call_field_put(c, &json, &w->fields[i]))
			return arg_wrong(w->fields[i].name,
			                 "not NAME=VALUE of a name that is taken here, or not of "
			                 "its type");
	json_close(&json);
	if (c->route->body[0] == '\0')
		return EXIT_SUCCESS;
	c->sent = buf_str(&c->body);
	c->type = "application/json";
	return EXIT_SUCCESS;
}

int call_words_take(struct call *c, const char *takes, int argc, char **argv)
{
	struct words w = { .call = c, .args = arena_array(&c->a, struct str, (size_t)argc) };
	int status;

	while (w.count < (size_t)argc) {
		w.args[w.count] = str_of(argv[w.count]);
		w.count++;
	}
	status = takes_read(&w, takes, option_read);
	if (status == EXIT_SUCCESS)
		status = path_put(&w);
	if (status == EXIT_SUCCESS)
		status = takes_read(&w, takes, value_read);
	while (status == EXIT_SUCCESS && w.count != 0) {
		struct str arg;

		(void)arg_take(&w, &arg);
		status = named_add(&w, arg);
	}
	return status == EXIT_SUCCESS ? fields_put(&w) : status;
}
