/* operations/doctor/watch.c: see watch.h. */
#include "operations/doctor/watch.h"

#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/store/kv.h"

enum { ROW_VERSION = 1, ROW_MAX = KIB(16), TEXT_MAX = 2000, KEPT_MS = 3 * 86400 * 1000 };

/* --- one finding ------------------------------------------------------------------------------ */

static bool is_right(const struct finding *f)
{
	return f->state == DNS_STATE_OK || f->settling;
}

static bool is_wrong(const struct finding *f)
{
	return !is_right(f) && f->state != DNS_STATE_UNKNOWN;
}

static bool step_right(struct watch_row *row, int64_t now_ms)
{
	row->right_ms = now_ms;
	row->wrong_ms = 0;
	if (row->told == WATCH_TELL_WRONG)
		row->told = WATCH_NOTHING;
	if (row->told != WATCH_TOLD_WRONG)
		return false;
	row->told = WATCH_TELL_RIGHT;
	return true;
}

static bool step_wrong(struct watch_row *row, int64_t now_ms, int64_t patience_ms)
{
	if (row->told == WATCH_TELL_RIGHT)
		row->told = WATCH_TOLD_WRONG;
	if (row->right_ms == 0 || row->told != WATCH_NOTHING)
		return false;
	if (row->wrong_ms == 0)
		row->wrong_ms = now_ms;
	if (now_ms - row->wrong_ms < patience_ms)
		return false;
	row->told = WATCH_TELL_WRONG;
	return true;
}

bool watch_step(struct watch_row *row, const struct finding *f, int64_t now_ms, int64_t patience_ms)
{
	if (row->looked_ms != 0 && row->state != f->state) /* before the first look nobody knows */
		row->since_ms = now_ms;
	row->state = f->state;
	row->looked_ms = now_ms;
	row->id = f->id;
	row->type = str_of(f->type);
	row->name = f->name;
	row->words = f->words;
	row->advice = str_sub(f->advice, 0, TEXT_MAX);
	row->paste = str_sub(f->paste, 0, TEXT_MAX);
	if (is_right(f))
		return step_right(row, now_ms);
	return is_wrong(f) && step_wrong(row, now_ms, patience_ms);
}

/* --- rows ------------------------------------------------------------------------------------- */

/* part, a zero byte, id: neither name has one. */
static void key_put(struct buf *b, struct str part, struct str id)
{
	buf_put(b, part);
	buf_byte(b, '\0');
	buf_put(b, id);
}

bool watch_row_parse(struct str key, struct str text, struct watch_row *out)
{
	ptrdiff_t zero = str_find_byte(key, '\0');
	struct unpack u = unpack_of(text);
	uint64_t state, told;

	if (zero < 0 || unpack_u64(&u) != ROW_VERSION)
		return false;
	*out = (struct watch_row){ .part = str_sub(key, 0, (size_t)zero),
		                   .id = str_sub(key, (size_t)zero + 1, key.n) };
	state = unpack_u64(&u);
	told = unpack_u64(&u);
	out->since_ms = (int64_t)unpack_u64(&u);
	out->right_ms = (int64_t)unpack_u64(&u);
	out->wrong_ms = (int64_t)unpack_u64(&u);
	out->looked_ms = (int64_t)unpack_u64(&u);
	out->type = unpack_str(&u);
	out->name = unpack_str(&u);
	out->words = unpack_str(&u);
	out->advice = unpack_str(&u);
	out->paste = unpack_str(&u);
	out->state = (enum dns_state)state;
	out->told = (enum watch_told)told;
	return unpack_ok(&u) && state <= DNS_STATE_UNKNOWN && told <= WATCH_TELL_RIGHT &&
	       out->since_ms >= 0 && out->right_ms >= 0 && out->wrong_ms >= 0 &&
	       out->looked_ms >= 0;
}

void watch_row_pack(struct buf *out, const struct watch_row *row)
{
	pack_u64(out, ROW_VERSION);
	pack_u64(out, row->state);
	pack_u64(out, row->told);
	pack_u64(out, (uint64_t)row->since_ms);
	pack_u64(out, (uint64_t)row->right_ms);
	pack_u64(out, (uint64_t)row->wrong_ms);
	pack_u64(out, (uint64_t)row->looked_ms);
	pack_str(out, row->type);
	pack_str(out, row->name);
	pack_str(out, row->words);
	pack_str(out, row->advice);
	pack_str(out, row->paste);
}

static enum err row_put(struct txn *t, const struct watch_row *row)
{
	struct buf key, b;
	enum err e;

	buf_init(&key, KV_KEY_MAX);
	buf_init(&b, ROW_MAX);
	key_put(&key, row->part, row->id);
	watch_row_pack(&b, row);
	/* Names that are too long for a row are not watched: no domain has them. */
	e = buf_ok(&key) && buf_ok(&b) ? kv_put(t, SPACE_DOCTOR, buf_str(&key), buf_str(&b)) : OK;
	buf_deinit(&b);
	buf_deinit(&key);
	return e;
}

static enum err row_get(struct txn *t, struct str part, struct str id, struct watch_row *out)
{
	struct str text;
	struct buf key;
	enum err e;

	*out = (struct watch_row){ .part = part, .id = id };
	buf_init(&key, KV_KEY_MAX);
	key_put(&key, part, id);
	e = buf_ok(&key) ? kv_get(t, SPACE_DOCTOR, buf_str(&key), &text) : ERR_MISSING;
	if (e == OK && !watch_row_parse(buf_str(&key), text, out))
		*out = (struct watch_row){ .part = part, .id = id }; /* begin anew */
	out->part = part;
	out->id = id;
	buf_deinit(&key);
	return e == ERR_MISSING ? OK : e;
}

/* --- a part ----------------------------------------------------------------------------------- */

static void news_add(struct watching *w, const struct watch_row *row)
{
	w->news[w->news_count++] = *row;
}

static enum err finding_keep(struct txn *t, struct watching *w, struct finding *f)
{
	struct watch_row row;
	enum err e = row_get(t, w->part, f->id, &row);

	if (e)
		return e;
	if (watch_step(&row, f, w->now_ms, w->patience_ms))
		news_add(w, &row);
	w->doubted = w->doubted || (row.wrong_ms != 0 && row.told == WATCH_NOTHING);
	f->right_ms = row.right_ms;
	f->since_ms = row.since_ms;
	return row_put(t, &row);
}

/* Rows of a part that were looked at before that time. */
static enum err rows_drop(struct txn *t, struct str part, int64_t before_ms)
{
	struct watch_row row;
	struct kv_iter it;
	struct buf prefix;
	enum err e = OK, end;

	buf_init(&prefix, KV_KEY_MAX);
	key_put(&prefix, part, STR_EMPTY);
	kv_iter_prefix(&it, t, SPACE_DOCTOR, buf_str(&prefix));
	while (e == OK && kv_iter_next(&it))
		if (!watch_row_parse(it.key, it.val, &row) || row.looked_ms < before_ms)
			e = kv_del(t, SPACE_DOCTOR, it.key);
	buf_deinit(&prefix);
	end = kv_iter_end(&it);
	return e != OK ? e : end;
}

enum err watch_keep(struct txn *t, struct watching *w)
{
	enum err e = OK;

	w->news = arena_array(w->a, struct watch_row, w->findings->count);
	w->news_count = 0;
	w->doubted = false;
	for (size_t i = 0; e == OK && i < w->findings->count; i++)
		e = finding_keep(t, w, &w->findings->items[i]);
	return e == OK ? rows_drop(t, w->part, w->now_ms - KEPT_MS) : e;
}

enum err watch_forget(struct txn *t, struct str part)
{
	return rows_drop(t, part, INT64_MAX);
}

/* --- what is told ----------------------------------------------------------------------------- */

static struct watch_row row_dup(struct arena *a, const struct watch_row *row)
{
	struct watch_row copy = *row;

	copy.part = str_dup(a, row->part);
	copy.id = str_dup(a, row->id);
	copy.type = str_dup(a, row->type);
	copy.name = str_dup(a, row->name);
	copy.words = str_dup(a, row->words);
	copy.advice = str_dup(a, row->advice);
	copy.paste = str_dup(a, row->paste);
	return copy;
}

enum err watch_news(struct txn *t, struct arena *a, struct watch_list *out)
{
	struct watch_row row;
	struct kv_iter it;

	*out = (struct watch_list){ .items = arena_array(a, struct watch_row, LIMIT_doctor_news) };
	kv_iter_prefix(&it, t, SPACE_DOCTOR, STR_EMPTY);
	while (out->count < LIMIT_doctor_news && kv_iter_next(&it))
		if (watch_row_parse(it.key, it.val, &row) &&
		    (row.told == WATCH_TELL_WRONG || row.told == WATCH_TELL_RIGHT))
			out->items[out->count++] = row_dup(a, &row);
	return kv_iter_end(&it);
}

static enum err row_told(struct txn *t, const struct watch_row *told)
{
	struct watch_row row;
	struct arena a = { 0 };
	enum err e = row_get(t, told->part, told->id, &row);

	if (e == OK && row.told == told->told) {
		row = row_dup(&a, &row);
		row.told = told->told == WATCH_TELL_WRONG ? WATCH_TOLD_WRONG : WATCH_NOTHING;
		e = row_put(t, &row);
	}
	arena_deinit(&a);
	return e;
}

enum err watch_told(struct txn *t, const struct watch_list *told)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < told->count; i++)
		e = row_told(t, &told->items[i]);
	return e;
}
