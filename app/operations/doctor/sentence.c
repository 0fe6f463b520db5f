/* operations/doctor/sentence.c: see sentence.h. */
#include "operations/doctor/sentence.h"

#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

enum { FILLED_MAX = KIB(64) };

static const struct str texts[SENTENCES] = {
#define SENTENCE(name, text) [SENTENCE_##name] = STR(text),
#include "operations/doctor/sentences.def"
#undef SENTENCE
};

static struct str value_of(struct str name, const struct sentence_value *values, size_t n)
{
	size_t i = 0;

	while (i < n && !str_eq(name, str_of(values[i].name)))
		i++;
	assert(i < n);
	return values[i].value;
}

struct str sentence_fill(struct arena *a, enum sentence s, const struct sentence_value *values,
                         size_t n)
{
	struct cur c = cur_of(texts[s]);
	struct str piece, filled;
	struct buf b;

	buf_init(&b, FILLED_MAX);
	while (cur_until(&c, '{', &piece)) {
		buf_put(&b, piece);
		cur_byte(&c, '{');
		if (cur_until(&c, '}', &piece))
			buf_put(&b, value_of(piece, values, n));
		cur_byte(&c, '}');
	}
	buf_put(&b, cur_rest(&c));
	filled = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return filled;
}

struct str sentence_of(enum sentence s)
{
	return texts[s];
}
