/* foundation/text/json_put.c: writing JSON; see json.h. */
#include "foundation/text/date.h"
#include "foundation/text/json.h"
#include "foundation/text/utf8.h"

static void put_quoted(struct buf *out, struct str s)
{
	struct cur c = cur_of(s);

	buf_byte(out, '"');
	while (!cur_done(&c)) {
		uint32_t ch = utf8_next(&c);

		if (ch == '"' || ch == '\\')
			buf_byte(out, '\\');
		/* RFC 8259 7: control characters must be escaped; DEL is harmless. */
		if (ch < 0x20)
			buf_fmt(out, "\\u%04x", (unsigned)ch);
		else
			utf8_put(out, ch);
	}
	buf_byte(out, '"');
}

/* The comma and the name before a value. */
static void put_lead(struct json_writer *w, const char *name)
{
	if (name != NULL) {
		json_put_name(w, str_of(name));
	} else if (!w->first) {
		buf_byte(w->out, ',');
	}
	w->first = false;
}

void json_writer_init(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){ .out = out, .first = true };
}

void json_open(struct json_writer *w, const char *name, char bracket)
{
	assert(bracket == '{' || bracket == '[');
	assert(w->depth < COUNT(w->closers));
	put_lead(w, name);
	buf_byte(w->out, bracket);
	w->closers[w->depth++] = bracket == '{' ? '}' : ']';
	w->first = true;
}

void json_close(struct json_writer *w)
{
	assert(w->depth > 0);
	buf_byte(w->out, w->closers[--w->depth]);
	w->first = false;
}

void json_put_name(struct json_writer *w, struct str name)
{
	assert(w->depth > 0 && w->closers[w->depth - 1] == '}');
	if (!w->first)
		buf_byte(w->out, ',');
	put_quoted(w->out, name);
	buf_byte(w->out, ':');
	w->first = true; /* no comma before the value */
}

void json_put_str(struct json_writer *w, const char *name, struct str s)
{
	put_lead(w, name);
	put_quoted(w->out, s);
}

void json_put_i64(struct json_writer *w, const char *name, int64_t n)
{
	put_lead(w, name);
	buf_fmt(w->out, "%" PRId64, n);
}

void json_put_u64(struct json_writer *w, const char *name, uint64_t n)
{
	put_lead(w, name);
	buf_u64(w->out, n);
}

void json_put_bool(struct json_writer *w, const char *name, bool b)
{
	put_lead(w, name);
	buf_put(w->out, b ? STR("true") : STR("false"));
}

void json_put_null(struct json_writer *w, const char *name)
{
	put_lead(w, name);
	buf_put(w->out, STR("null"));
}

void json_put_time(struct json_writer *w, const char *name, int64_t ms)
{
	if (ms == 0) {
		json_put_null(w, name);
		return;
	}
	put_lead(w, name);
	buf_byte(w->out, '"');
	date_put_iso(w->out, ms);
	buf_byte(w->out, '"');
}

void json_put_raw(struct json_writer *w, const char *name, struct str json)
{
	put_lead(w, name);
	buf_put(w->out, json);
}
