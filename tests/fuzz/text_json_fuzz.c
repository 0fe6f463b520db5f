/* A document that was read, written and read again is the same text when written once more. */
#include "foundation/text/json.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void put(struct json_writer *w, struct json v)
{
	struct json_iter it = json_iter(v);
	struct str s;
	int64_t i;
	uint64_t u;
	bool b;

	switch (json_kind(v)) {
	case JSON_ARRAY:
	case JSON_OBJECT:
		json_open(w, NULL, json_kind(v) == JSON_ARRAY ? '[' : '{');
		while (json_next(&it)) {
			if (json_kind(v) == JSON_OBJECT)
				json_put_name(w, it.name);
			put(w, it.value);
		}
		json_close(w);
		break;
	case JSON_STRING:
		assert(json_str(v, &s));
		json_put_str(w, NULL, s);
		break;
	case JSON_BOOL:
		assert(json_bool(v, &b));
		json_put_bool(w, NULL, b);
		break;
	default:
		if (json_u64(v, &u))
			json_put_u64(w, NULL, u);
		else if (json_i64(v, &i))
			json_put_i64(w, NULL, i);
		else
			json_put_null(w, NULL);
	}
}

static struct str written(struct arena *a, struct json v)
{
	struct json_writer w;
	struct buf out;
	struct str s;

	buf_init(&out, 8 * (size_t)JSON_BYTES_MAX);
	json_writer_init(&w, &out);
	put(&w, v);
	assert(buf_ok(&out));
	s = str_dup(a, buf_str(&out));
	buf_deinit(&out);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = { 0 };
	struct json v, again;

	if (json_parse(&a, str_from((const char *)data, n), &v)) {
		struct str once = written(&a, v);

		assert(json_parse(&a, once, &again));
		assert(str_eq(written(&a, again), once));
	}
	arena_deinit(&a);
	return 0;
}
