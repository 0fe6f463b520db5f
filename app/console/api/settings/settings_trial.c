/* console/api/settings/settings_trial.c: see settings_trial.h. */
#include "console/api/settings/settings_trial.h"

#include "console/api/access/audit.h"
#include "console/api/settings/settings_private.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "foundation/observe/event.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { RECORD_VERSION = 1, RECORD_MAX = 200000, AGAIN_MS = 1000 };

static const struct str record_key = STR("trial");

/* --- the record: edits that make all as it was ---------------------------------------------- */

struct undo {
	struct setting_edit edits[SETTINGS];
	size_t count;
};

static bool has(const struct undo *u, enum setting_id id)
{
	for (size_t i = 0; i < u->count; i++)
		if (u->edits[i].id == id)
			return true;
	return false;
}

/* Values are borrowed from the record. A setting that a newer version knew is passed over. */
static enum err record_read(struct str record, struct undo *out)
{
	struct unpack u = unpack_of(record);
	uint64_t count;

	*out = (struct undo){ .count = 0 };
	if (unpack_u64(&u) != RECORD_VERSION)
		return ERR_CORRUPT;
	count = unpack_u64(&u);
	for (uint64_t i = 0; i < count && unpack_ok(&u) && out->count < SETTINGS; i++) {
		struct setting_edit *edit = &out->edits[out->count];
		struct str name = unpack_str(&u);

		edit->unset = unpack_u64(&u) != 0;
		edit->value = unpack_str(&u);
		if (setting_find(name, &edit->id, NULL) == OK)
			out->count++;
	}
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

static enum err record_write(struct txn *t, const struct undo *undo)
{
	struct buf b;
	enum err e;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, RECORD_VERSION);
	pack_u64(&b, undo->count);
	for (size_t i = 0; i < undo->count; i++) {
		pack_str(&b, str_of(setting_row(undo->edits[i].id)->name));
		pack_u64(&b, undo->edits[i].unset);
		pack_str(&b, undo->edits[i].value);
	}
	e = buf_ok(&b) ? kv_put(t, SPACE_SETTING, record_key, buf_str(&b)) : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

/* In t's arena; empty when there is none. */
static enum err undo_get(struct txn *t, struct undo *out)
{
	struct str record;
	enum err e = kv_get(t, SPACE_SETTING, record_key, &record);

	*out = (struct undo){ .count = 0 };
	if (e == ERR_MISSING)
		return OK;
	return e == OK ? record_read(str_dup(txn_arena(t), record), out) : e;
}

static enum err trial_end(struct txn *t)
{
	enum err e = kv_del(t, SPACE_SETTING, record_key);

	return e == ERR_MISSING ? OK : e;
}

enum err trial_keep(struct txn *t, const struct setting_edit *edits, size_t count)
{
	struct undo undo;
	enum err e = undo_get(t, &undo);

	for (size_t i = 0; e == OK && i < count; i++) {
		if (setting_row(edits[i].id)->when != SETTING_TRIAL || has(&undo, edits[i].id))
			continue;
		e = settings_row_find(t, edits[i].id, &undo.edits[undo.count++]);
	}
	return e == OK ? record_write(t, &undo) : e;
}

/* --- time ----------------------------------------------------------------------------------- */

void trial_begin(struct settings_store *s)
{
	const struct settings *now = settings_ref(s->live);

	s->trial_until_ms = clock_mono_ms() + (int64_t)now->trial_s * 1000;
	settings_unref(now);
}

void trial_taken_up(struct settings_store *s)
{
	s->trial_began_us = clock_mono_us();
}

static void trial_over(struct settings_store *s)
{
	s->trial_began_us = s->trial_until_ms = 0;
}

int64_t settings_trial_left_ms(struct settings_store *s)
{
	int64_t until_ms = s->trial_until_ms;

	return until_ms != 0 ? MAX(until_ms - clock_mono_ms(), 1) : 0;
}

/* --- its end -------------------------------------------------------------------------------- */

struct ending {
	struct arena *a; /* where the edits live; NULL: not wanted */
	struct undo undo;
	enum err (*also)(struct txn *t, void *arg);
	void *arg;
};

static enum err end(struct txn *t, void *arg)
{
	const struct ending *ending = arg;
	enum err e = trial_end(t);

	return e == OK && ending->also != NULL ? ending->also(t, ending->arg) : e;
}

static enum err look(struct txn *t, void *arg)
{
	struct ending *ending = arg;
	enum err e = undo_get(t, &ending->undo);

	for (size_t i = 0; i < ending->undo.count; i++)
		ending->undo.edits[i].value = str_dup(ending->a, ending->undo.edits[i].value);
	return e;
}

static enum err nothing_on_trial(struct why *why)
{
	return fail(why, ERR_MISSING, "there is no change to confirm. It may have been undone");
}

enum err settings_trial_confirm(struct settings_store *s, int64_t began_us,
                                enum err (*also)(struct txn *t, void *arg), void *arg,
                                struct why *why)
{
	struct ending ending = { .also = also, .arg = arg };
	enum err e;

	pthread_mutex_lock(&s->lock);
	if (s->trial_until_ms == 0)
		e = nothing_on_trial(why);
	else if (began_us <= s->trial_began_us)
		e = fail(why, ERR_CONFLICT,
		         "this connection is older than the change, so it does not prove that new "
		         "connections work. Reload the page and confirm there");
	else
		e = store_write(s->store, end, &ending, why);
	if (e == OK)
		trial_over(s);
	pthread_mutex_unlock(&s->lock);
	return e;
}

/* The lock is held. */
static enum err undo(struct settings_store *s, enum err (*also)(struct txn *t, void *arg),
                     void *arg, struct why *why)
{
	struct ending ending = { .also = also, .arg = arg };
	struct arena a;
	enum err e;

	arena_init(&a, true);
	ending.a = &a;
	e = store_read(s->store, look, &ending);
	if (e == OK)
		e = settings_undo(s, ending.undo.edits, ending.undo.count, end, &ending, why);
	if (e == OK)
		trial_over(s);
	arena_deinit(&a);
	return e;
}

enum err settings_trial_undo(struct settings_store *s, enum err (*also)(struct txn *t, void *arg),
                             void *arg, struct why *why)
{
	enum err e;

	pthread_mutex_lock(&s->lock);
	e = s->trial_until_ms == 0 ? nothing_on_trial(why) : undo(s, also, arg, why);
	pthread_mutex_unlock(&s->lock);
	return e;
}

static enum err note_undone(struct txn *t, void *arg)
{
	(void)arg;
	return audit_add(t, &(struct audit){ .who = STR("server"),
	                                     .what = STR("setting.undo"),
	                                     .target = STR("nobody confirmed the change") });
}

int64_t settings_trial_check(struct settings_store *s)
{
	struct why why = { "" };
	int64_t left_ms;

	pthread_mutex_lock(&s->lock);
	left_ms = s->trial_until_ms != 0 ? s->trial_until_ms - clock_mono_ms() : -1;
	if (s->trial_until_ms != 0 && left_ms <= 0) {
		if (undo(s, note_undone, NULL, &why) == OK) {
			event(setting_reverted, STR(""), ev_z("not confirmed in time"));
			left_ms = -1;
		} else {
			event(setting_ignored, STR(""), ev_z("what is on trial"), ev_z(why.text));
			left_ms = AGAIN_MS;
		}
	}
	pthread_mutex_unlock(&s->lock);
	return left_ms;
}

/* --- who asks ------------------------------------------------------------------------------- */

enum err settings_trial_names(struct settings_store *s, struct arena *a, struct str **names,
                              size_t *count)
{
	struct ending ending = { .a = a };
	enum err e = store_read(s->store, look, &ending);

	*names = arena_array(a, struct str, ending.undo.count);
	*count = e == OK ? ending.undo.count : 0;
	for (size_t i = 0; i < *count; i++)
		(*names)[i] = str_of(setting_row(ending.undo.edits[i].id)->name);
	return e;
}

/* --- at start ------------------------------------------------------------------------------- */

static enum err recover(struct txn *t, void *arg)
{
	struct undo *undo = arg;
	enum err e = undo_get(t, undo);

	for (size_t i = 0; e == OK && i < undo->count; i++)
		e = settings_row_write(t, &undo->edits[i]);
	if (e == OK && undo->count != 0)
		e = note_undone(t, NULL);
	return e == OK ? trial_end(t) : e;
}

enum err settings_trial_recover(struct store *store, struct why *why)
{
	struct undo found = { .count = 0 };
	struct arena a;
	struct ending ending = { .a = &a };
	enum err e;

	arena_init(&a, true);
	e = store_read(store, look, &ending);
	if (e == OK && ending.undo.count != 0)
		e = store_write(store, recover, &found, why);
	arena_deinit(&a);
	if (e != OK)
		return fail(why, e, "the settings in the store cannot be read");
	if (found.count != 0)
		event(setting_reverted, STR(""), ev_z("the server ended before it was confirmed"));
	return OK;
}
