/* model/history/record.c: see record.h. */
#include "model/history/record.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"

#include <string.h>

enum {
	RECORD_VERSION = 1,
	TEXT_MAX = 320, /* of one name or reply, as much as is shown */
	RECORD_MAX = 256 << 10,
	STEPS_MAX = LIMIT_trace_rcpts + 8, /* in the first record */
};

/* --- Keys ------------------------------------------------------------------------------- */

struct str record_key(char to[static TRACE_KEY_BYTES], uint64_t id)
{
	for (int i = 0; i < TRACE_KEY_BYTES; i++)
		to[i] = (char)(id >> (56 - 8 * i));
	return str_from(to, TRACE_KEY_BYTES);
}

static struct str step_key(char to[static TRACE_STEP_KEY_BYTES], uint64_t id, uint32_t number)
{
	record_key(to, id);
	for (int i = 0; i < 4; i++)
		to[TRACE_KEY_BYTES + i] = (char)(number >> (24 - 8 * i));
	return str_from(to, TRACE_STEP_KEY_BYTES);
}

bool record_key_parse(struct str key, uint64_t *id)
{
	struct unpack u = unpack_of(key);

	*id = unpack_be64(&u);
	return unpack_ok(&u) && key.n == TRACE_KEY_BYTES;
}

bool record_step_key_parse(struct str key, uint64_t *id, uint32_t *number)
{
	struct unpack u = unpack_of(key);

	*id = unpack_be64(&u);
	*number = unpack_be32(&u);
	return unpack_ok(&u) && key.n == TRACE_STEP_KEY_BYTES;
}

/* --- Records ---------------------------------------------------------------------------- */

static void pack_text(struct buf *b, struct str text)
{
	pack_str(b, str_sub(text, 0, TEXT_MAX));
}

static void pack_step(struct buf *b, const struct trace_step *s, int64_t begun_ms)
{
	pack_u64(b, (uint64_t)MAX(s->time_ms - begun_ms, 0));
	pack_u64(b, s->what);
	pack_u64(b, s->count);
	pack_text(b, s->who);
	pack_text(b, s->detail);
}

static bool unpack_step(struct unpack *u, int64_t begun_ms, struct trace_step *out)
{
	uint64_t after_ms = unpack_u64(u);
	uint32_t what = unpack_u32(u);

	out->time_ms = begun_ms + (int64_t)MIN(after_ms, (uint64_t)INT64_MAX / 4);
	out->what = (enum trace_what)what;
	out->count = unpack_u32(u);
	out->who = unpack_str(u);
	out->detail = unpack_str(u);
	return unpack_ok(u) && what >= TRACE_REFUSED && what < TRACE_WHATS;
}

enum err record_put(struct txn *t, const struct trace *trace)
{
	size_t to = MIN(trace->to_count, (size_t)LIMIT_trace_rcpts);
	size_t steps = MIN(trace->step_count, (size_t)STEPS_MAX);
	char key[TRACE_KEY_BYTES];
	struct buf b;
	enum err e;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, RECORD_VERSION);
	pack_text(&b, trace->mail.n != 0 ? trace->mail : trace->session);
	pack_text(&b, trace->service);
	pack_text(&b, trace->peer);
	pack_text(&b, trace->from);
	pack_text(&b, trace->message_id);
	pack_u64(&b, trace->size_bytes);
	pack_u64(&b, trace->to_more + (trace->to_count - to));
	pack_u64(&b, to);
	for (size_t i = 0; i < to; i++)
		pack_text(&b, trace->to[i]);
	pack_u64(&b, steps);
	for (size_t i = 0; i < steps; i++)
		pack_step(&b, &trace->steps[i], trace_time_ms(trace->id));
	e = buf_ok(&b) ? kv_put(t, SPACE_TRACE, record_key(key, trace->id), buf_str(&b))
	               : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

/* A count that is possible in the record: each item takes at least a byte. */
static size_t unpack_count(struct unpack *u, struct str record)
{
	uint64_t n = unpack_u64(u);

	u->bad = u->bad || n > record.n;
	return u->bad ? 0 : (size_t)n;
}

struct str record_session(struct str mail)
{
	ptrdiff_t at = str_rfind_byte(mail, '-');
	bool number = at > 0 && (size_t)at + 1 < mail.n;

	for (size_t i = (size_t)at + 1; number && i < mail.n; i++)
		number = ascii_digit(mail.p[i]);
	return number ? str_sub(mail, 0, (size_t)at) : mail;
}

bool record_parse(uint64_t id, struct str record, struct arena *a, struct trace *out)
{
	struct unpack u = unpack_of(record);
	bool ok = unpack_u64(&u) == RECORD_VERSION;

	*out = (struct trace){ .id = id };
	out->mail = unpack_str(&u);
	out->session = record_session(out->mail);
	out->mail = out->mail.n != out->session.n ? out->mail : STR_EMPTY;
	out->service = unpack_str(&u);
	out->peer = unpack_str(&u);
	out->from = unpack_str(&u);
	out->message_id = unpack_str(&u);
	out->size_bytes = unpack_u64(&u);
	out->to_more = unpack_u64(&u);
	out->to_count = unpack_count(&u, record);
	out->to = arena_array(a, struct str, out->to_count);
	for (size_t i = 0; i < out->to_count; i++)
		out->to[i] = unpack_str(&u);
	out->step_count = unpack_count(&u, record);
	out->steps = arena_array(a, struct trace_step, out->step_count);
	for (size_t i = 0; ok && i < out->step_count; i++)
		ok = unpack_step(&u, trace_time_ms(id), &out->steps[i]);
	return ok && unpack_ok(&u);
}

/* --- Later steps ------------------------------------------------------------------------ */

/* The number of the last step; 0 when there is none. */
static enum err last_number(struct txn *t, uint64_t id, uint32_t *number)
{
	char key[TRACE_KEY_BYTES];
	struct kv_iter it;

	*number = 0;
	kv_iter_prefix(&it, t, SPACE_TRACE_STEP, record_key(key, id));
	if (kv_iter_prev(&it) && !record_step_key_parse(it.key, &id, number))
		*number = LIMIT_trace_steps; /* fsck reports it */
	return kv_iter_end(&it);
}

enum err record_step_add(struct txn *t, uint64_t id, const struct trace_step *step)
{
	char key[TRACE_STEP_KEY_BYTES];
	uint32_t number;
	struct buf b;
	enum err e = last_number(t, id, &number);

	if (e != OK || number >= LIMIT_trace_steps)
		return e;
	buf_init(&b, 4 * TEXT_MAX);
	pack_u64(&b, RECORD_VERSION);
	pack_step(&b, step, trace_time_ms(id));
	assert(buf_ok(&b));
	e = kv_put(t, SPACE_TRACE_STEP, step_key(key, id, number + 1), buf_str(&b));
	buf_deinit(&b);
	return e;
}

bool record_step_parse(struct str record, int64_t begun_ms, struct trace_step *out)
{
	struct unpack u = unpack_of(record);

	return unpack_u64(&u) == RECORD_VERSION && unpack_step(&u, begun_ms, out);
}

/* --- A whole trace ---------------------------------------------------------------------- */

static void step_keep(struct trace_step *s, struct arena *a)
{
	s->who = str_dup(a, s->who);
	s->detail = str_dup(a, s->detail);
}

static void trace_keep(struct trace *trace, struct arena *a)
{
	trace->session = str_dup(a, trace->session);
	trace->mail = str_dup(a, trace->mail);
	trace->service = str_dup(a, trace->service);
	trace->peer = str_dup(a, trace->peer);
	trace->from = str_dup(a, trace->from);
	trace->message_id = str_dup(a, trace->message_id);
	for (size_t i = 0; i < trace->to_count; i++)
		trace->to[i] = str_dup(a, trace->to[i]);
	for (size_t i = 0; i < trace->step_count; i++)
		step_keep(&trace->steps[i], a);
}

enum err record_steps_read(struct txn *t, struct trace *trace, struct arena *a)
{
	size_t cap = trace->step_count;
	char key[TRACE_KEY_BYTES];
	struct kv_iter it;

	trace_keep(trace, a);
	kv_iter_prefix(&it, t, SPACE_TRACE_STEP, record_key(key, trace->id));
	while (kv_iter_next(&it)) {
		struct trace_step step;

		if (!record_step_parse(it.val, trace_time_ms(trace->id), &step))
			continue; /* fsck reports it */
		step_keep(&step, a);
		if (trace->step_count == cap) {
			struct trace_step *grown;

			cap = 2 * cap + 4;
			grown = arena_array(a, struct trace_step, cap);
			memcpy(grown, trace->steps, trace->step_count * sizeof *grown);
			trace->steps = grown;
		}
		trace->steps[trace->step_count++] = step;
	}
	return kv_iter_end(&it);
}
