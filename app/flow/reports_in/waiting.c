/* flow/reports_in/waiting.c: see waiting.h. */
#include "flow/reports_in/waiting.h"

#include "flow/reports_in/key.h"
#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { VERSION = 2, ROW_MAX = 256 << 10, KEY_BYTES = 1 + 8 };
enum { KEY_BYTES_BEFORE = KEY_BYTES + 4 }; /* rows of an older format with pieces of mail;
                                            * removed when reached */

static uint64_t number_of(struct str key)
{
	struct unpack u = unpack_of(str_sub(key, 1, key.n));

	return unpack_be64(&u);
}

/* --- a row --------------------------------------------------------------------------------- */

/* False: a text exceeds the lengths that this server writes. */
static bool row_pack(struct buf *b, const struct report_waiting *w)
{
	pack_u64(b, VERSION);
	pack_u64(b, w->begun);
	pack_str(b, blob_id_str(&w->blob));
	pack_u64(b, w->ours);
	pack_str(b, w->id);
	pack_str(b, w->results);
	return buf_ok(b);
}

static bool waiting_row_parse(struct str key, struct str val, struct report_waiting *out)
{
	struct unpack u = unpack_of(val);
	bool known = unpack_u64(&u) == VERSION && key.n == KEY_BYTES;

	*out = (struct report_waiting){ .number = number_of(key), .begun = unpack_u64(&u) };
	known = blob_id_of(unpack_str(&u), &out->blob) && known;
	out->ours = unpack_u64(&u) != 0;
	out->id = unpack_str(&u);
	out->results = unpack_str(&u);
	return known && unpack_ok(&u);
}

bool report_waiting_ok(struct str key, struct str val)
{
	struct report_waiting w;

	return waiting_row_parse(key, val, &w) || key.n == KEY_BYTES_BEFORE;
}

static enum err waiting_row_put(struct txn *t, const struct report_waiting *w, bool *room)
{
	char key_room[REPORT_KEY_MAX];
	struct buf b;
	enum err e = OK;

	buf_init(&b, ROW_MAX);
	*room = row_pack(&b, w);
	if (*room)
		e = kv_put(t, SPACE_REPORT, report_key(key_room, 'w', w->number), buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* --- adding -------------------------------------------------------------------------------- */

/* Rows are removed in order, so there are no gaps between the first and the last. */
static enum err ends_find(struct txn *t, uint64_t *first, uint64_t *last)
{
	struct kv_iter it;
	enum err e;

	*first = 1;
	*last = 0;
	kv_iter_prefix(&it, t, SPACE_REPORT, STR("w"));
	if (kv_iter_prev(&it))
		*last = number_of(it.key);
	if ((e = kv_iter_end(&it)) || *last == 0)
		return e;
	kv_iter_prefix(&it, t, SPACE_REPORT, STR("w"));
	if (kv_iter_next(&it))
		*first = number_of(it.key);
	return kv_iter_end(&it);
}

enum err report_waiting_put(struct txn *t, const struct report_waiting *w, bool *room)
{
	struct report_waiting row = *w;
	uint64_t first, last;
	enum err e = ends_find(t, &first, &last);

	*room = e == OK && last + 1 - first < LIMIT_report_in_waiting;
	if (!*room)
		return e;
	row.number = last + 1;
	row.begun = 0;
	e = waiting_row_put(t, &row, room);
	return e == OK && *room ? blob_ref(t, &row.blob) : e;
}

/* --- removal ------------------------------------------------------------------------------- */

enum err report_waiting_rm(struct txn *t, const struct report_waiting *w)
{
	char room[REPORT_KEY_MAX];
	enum err e = kv_del(t, SPACE_REPORT, report_key(room, 'w', w->number));

	if (e == OK)
		e = blob_unref(t, &w->blob);
	return e == ERR_MISSING ? OK : e; /* fsck reports it */
}

/* ERR_MISSING: there is none. number 0: it was unreadable and is removed. */
static enum err first_find(struct txn *t, struct arena *a, struct report_waiting *out)
{
	enum err e = ERR_MISSING, walked;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_REPORT, STR("w"));
	if (kv_iter_next(&it)) {
		bool known = waiting_row_parse(it.key, str_dup(a, it.val), out);

		e = known ? OK : kv_del(t, SPACE_REPORT, it.key);
		if (!known)
			*out = (struct report_waiting){ .number = 0 };
	}
	walked = kv_iter_end(&it);
	return walked != OK ? walked : e;
}

enum err report_waiting_begin(struct txn *t, struct arena *a, struct report_waiting *out)
{
	enum err e = first_find(t, a, out);
	bool room;

	if (e != OK || out->number == 0)
		return e;
	return out->begun++ < REPORT_BEGUN_MAX ? waiting_row_put(t, out, &room)
	                                       : report_waiting_rm(t, out);
}

enum err report_waiting_refs(struct txn *t, struct fsck_report *r)
{
	struct report_waiting w;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_REPORT, STR("w"));
	while (kv_iter_next(&it))
		if (waiting_row_parse(it.key, it.val, &w))
			fsck_blob_ref(r, &w.blob);
	return kv_iter_end(&it);
}
