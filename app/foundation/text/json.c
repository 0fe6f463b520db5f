/* foundation/text/json.c: reading JSON; see json.h. The parser is yyjson; in addition, deep nesting
 * and repeated names in an object are refused. */
#include "foundation/text/json.h"

#include "foundation/base/cur.h"
#include "foundation/text/date.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

/* --- the document ----------------------------------------------------------------------- */

static void *memory_new(void *a, size_t n)
{
	return arena_alloc(a, n);
}

static void *memory_resize(void *a, void *p, size_t old_n, size_t n)
{
	return n <= old_n ? p : memcpy(arena_alloc(a, n), p, old_n);
}

static void memory_free(void *a, void *p)
{
	(void)a, (void)p;
}

/* A value takes 16 bytes, and nearly as many again each time that yyjson grows: so VALUES_FREE
 * values are allowed, and one more for each VALUE_BYTES of the text. */
enum { VALUES_FREE = 10000, VALUE_BYTES = 16 };

/* Before parsing: strings are skipped by RFC 8259 7. For text that is not JSON the counts may be
 * wrong, but the parser refuses it anyway. */
static bool is_excessive(struct str text)
{
	size_t most = VALUES_FREE + text.n / VALUE_BYTES, values = 0;
	bool string = false;
	unsigned depth = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (string && c == '\\')
			i++;
		else if (c == '"')
			string = !string;
		else if (string)
			continue;
		else if ((c == ',' || c == ':' || c == '[' || c == '{') && ++values > most)
			return true;
		else if ((c == '[' || c == '{') && ++depth > JSON_DEPTH_MAX)
			return true;
		else if ((c == ']' || c == '}') && depth > 0)
			depth--;
	}
	return false;
}

static int name_order(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool names_differ(struct arena *a, struct json object)
{
	size_t count = json_count(object), n = 0;
	struct str *names = arena_array(a, struct str, count);
	struct json_iter it = json_iter(object);

	while (json_next(&it))
		names[n++] = it.name;
	qsort(names, count, sizeof *names, name_order);
	for (size_t i = 1; i < count; i++) {
		if (str_eq(names[i - 1], names[i]))
			return false;
	}
	return true;
}

/* Values are in the order of the text, so all objects are found in one loop. */
static bool all_names_differ(struct arena *a, yyjson_doc *doc)
{
	yyjson_val *v = yyjson_doc_get_root(doc);

	for (size_t i = 0; i < yyjson_doc_get_val_count(doc); i++) {
		if (yyjson_is_obj(&v[i]) && !names_differ(a, (struct json){ &v[i] }))
			return false;
	}
	return true;
}

bool json_parse(struct arena *a, struct str text, struct json *out)
{
	return json_parse_long(a, text, JSON_BYTES_MAX, out);
}

bool json_parse_long(struct arena *a, struct str text, size_t max, struct json *out)
{
	const yyjson_alc memory = { memory_new, memory_resize, memory_free, a };
	yyjson_doc *doc;

	if (text.n == 0 || text.n > max || is_excessive(text))
		return false;
	/* Without YYJSON_READ_INSITU it reads from a copy and does not change text. */
	doc = yyjson_read_opts((char *)(uintptr_t)text.p, text.n, 0, &memory, NULL);
	if (doc == NULL || !all_names_differ(a, doc))
		return false;
	out->value = yyjson_doc_get_root(doc);
	return true;
}

/* --- values ----------------------------------------------------------------------------- */

static yyjson_val *json_value_of(struct json v)
{
	return (yyjson_val *)(uintptr_t)v.value;
}

enum json_kind json_kind(struct json v)
{
	switch (yyjson_get_type(json_value_of(v))) {
	case YYJSON_TYPE_NULL:
		return JSON_NULL;
	case YYJSON_TYPE_BOOL:
		return JSON_BOOL;
	case YYJSON_TYPE_NUM:
		return JSON_NUMBER;
	case YYJSON_TYPE_STR:
		return JSON_STRING;
	case YYJSON_TYPE_ARR:
		return JSON_ARRAY;
	case YYJSON_TYPE_OBJ:
		return JSON_OBJECT;
	default:
		return JSON_MISSING;
	}
}

struct json json_get(struct json v, const char *name)
{
	return (struct json){ yyjson_obj_get(json_value_of(v), name) };
}

bool json_str(struct json v, struct str *out)
{
	if (!yyjson_is_str(json_value_of(v)))
		return false;
	*out = str_from(yyjson_get_str(json_value_of(v)), yyjson_get_len(json_value_of(v)));
	return true;
}

bool json_i64(struct json v, int64_t *out)
{
	if (yyjson_is_uint(json_value_of(v)) && yyjson_get_uint(json_value_of(v)) > INT64_MAX)
		return false;
	if (!yyjson_is_int(json_value_of(v)))
		return false;
	*out = yyjson_get_sint(json_value_of(v));
	return true;
}

bool json_u64(struct json v, uint64_t *out)
{
	if (!yyjson_is_uint(json_value_of(v)))
		return false;
	*out = yyjson_get_uint(json_value_of(v));
	return true;
}

bool json_bool(struct json v, bool *out)
{
	if (!yyjson_is_bool(json_value_of(v)))
		return false;
	*out = yyjson_get_bool(json_value_of(v));
	return true;
}

bool json_time(struct json v, int64_t *ms)
{
	struct str text;
	struct cur c;

	if (!json_str(v, &text))
		return false;
	c = cur_of(text);
	return date_parse_iso(&c, ms) && cur_done(&c);
}

/* --- walking ---------------------------------------------------------------------------- */

struct json_iter json_iter(struct json v)
{
	size_t count = json_count(v);

	return (struct json_iter){
		.of = v,
		.left = count,
		.at = count != 0 ? unsafe_yyjson_get_first(json_value_of(v)) : NULL,
	};
}

bool json_next(struct json_iter *it)
{
	yyjson_val *v = json_value_of((struct json){ it->at });

	if (it->left == 0)
		return false;
	it->left--;
	if (yyjson_is_obj(json_value_of(it->of))) {
		(void)json_str((struct json){ v }, &it->name);
		v++; /* a member's value follows its name */
	}
	it->value = (struct json){ v };
	it->at = unsafe_yyjson_get_next(v);
	return true;
}

size_t json_count(struct json v)
{
	return yyjson_is_ctn(json_value_of(v)) ? yyjson_get_len(json_value_of(v)) : 0;
}

bool json_equal(struct json a, struct json b)
{
	return yyjson_equals(json_value_of(a), json_value_of(b));
}

static void put_scalar(struct json_writer *w, struct json v)
{
	yyjson_val *x = json_value_of(v);
	struct str s;
	bool b = false;

	if (json_str(v, &s))
		json_put_str(w, NULL, s);
	else if (yyjson_is_uint(x))
		json_put_u64(w, NULL, yyjson_get_uint(x));
	else if (yyjson_is_int(x))
		json_put_i64(w, NULL, yyjson_get_sint(x));
	else if (json_bool(v, &b))
		json_put_bool(w, NULL, b);
	else if (yyjson_is_real(x)) {
		json_put_raw(w, NULL, STR_EMPTY);
		buf_fmt(w->out, "%.17g", yyjson_get_real(x));
	} else {
		json_put_null(w, NULL);
	}
}

void json_put_value(struct json_writer *w, const char *name, struct json v)
{
	struct json_iter levels[JSON_DEPTH_MAX];
	unsigned depth = 0;

	if (name != NULL)
		json_put_name(w, str_of(name));
	for (;;) {
		enum json_kind kind = json_kind(v);

		if (kind == JSON_ARRAY || kind == JSON_OBJECT) {
			assert(depth < COUNT(levels)); /* json_parse has seen it */
			levels[depth++] = json_iter(v);
			json_open(w, NULL, kind == JSON_OBJECT ? '{' : '[');
		} else {
			put_scalar(w, v);
		}
		while (depth > 0 && !json_next(&levels[depth - 1])) {
			json_close(w);
			depth--;
		}
		if (depth == 0)
			return;
		v = levels[depth - 1].value;
		if (json_kind(levels[depth - 1].of) == JSON_OBJECT)
			json_put_name(w, levels[depth - 1].name);
	}
}
