/* admin/settings_store.c: see settings_store.h. */
#include "admin/settings_store.h"

#include "base/buf.h"
#include "base/pack.h"
#include "observe/event.h"
#include "store/kv.h"
#include "store/store.h"

/* The key of a setting's row is its name behind this sign, which no other row of the space
 * begins with. */
#define KEY_SIGN "="

enum { RECORD_VERSION = 1, RECORD_MAX = 70000, KEY_MAX = 80 };

/* --- rows ------------------------------------------------------------------------------- */

static bool record_read(struct str record, struct str *value)
{
	struct unpack u = unpack_of(record);
	bool known = unpack_u64(&u) == RECORD_VERSION;

	*value = unpack_str(&u);
	return known && unpack_ok(&u);
}

enum err settings_load(struct txn *t, struct arena *a, struct settings_stored *out)
{
	struct kv_iter it;
	struct str value;

	*out = (struct settings_stored){ .items = arena_array(a, struct setting_stored, SETTINGS) };
	kv_iter_prefix(&it, t, SPACE_SETTING, STR(KEY_SIGN));
	while (out->count < SETTINGS && kv_iter_next(&it)) {
		if (!record_read(it.val, &value))
			continue;
		out->items[out->count++] = (struct setting_stored){
			.name = str_dup(a, str_sub(it.key, sizeof KEY_SIGN - 1, it.key.n)),
			.value = str_dup(a, value),
		};
	}
	return kv_iter_end(&it);
}

struct loading {
	struct arena *a;
	struct settings_stored *out;
};

static enum err load(struct txn *t, void *arg)
{
	struct loading *l = arg;

	return settings_load(t, l->a, l->out);
}

enum err settings_stored_read(struct store *s, struct arena *a, struct settings_stored *out)
{
	struct loading l = { a, out };

	return store_read(s, load, &l);
}

static enum err row_write(struct txn *t, const struct setting_edit *edit)
{
	struct str key = str_fmt(txn_arena(t), KEY_SIGN "%s", setting_row(edit->id)->name);
	struct buf record;
	enum err e;

	if (edit->unset) {
		e = kv_del(t, SPACE_SETTING, key);
		return e == ERR_MISSING ? OK : e;
	}
	buf_init(&record, RECORD_MAX);
	pack_u64(&record, RECORD_VERSION);
	pack_str(&record, edit->value);
	e = buf_ok(&record) ? kv_put(t, SPACE_SETTING, key, buf_str(&record)) : ERR_LIMIT;
	buf_deinit(&record);
	return e;
}

/* --- a change --------------------------------------------------------------------------- */

struct change {
	const struct setting_edit *edits;
	size_t count;
	enum err (*also)(struct txn *t, void *arg);
	void *arg;
};

static enum err write(struct txn *t, void *arg)
{
	const struct change *c = arg;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < c->count; i++)
		e = row_write(t, &c->edits[i]);
	return e == OK && c->also != NULL ? c->also(t, c->arg) : e;
}

static void edit_apply(struct settings_stored *stored, const struct setting_edit *edit)
{
	struct str name = str_of(setting_row(edit->id)->name);
	size_t i = 0;

	while (i < stored->count && !str_eq(stored->items[i].name, name))
		i++;
	if (edit->unset && i < stored->count)
		stored->items[i] = stored->items[--stored->count];
	else if (!edit->unset)
		stored->items[i] = (struct setting_stored){ .name = name, .value = edit->value };
	if (!edit->unset && i == stored->count)
		stored->count++;
}

static enum err edit_check(const struct settings *s, const struct setting_edit *edit,
                           struct why *why)
{
	const struct setting_row *row = setting_row(edit->id);

	if (row->when == SETTING_START)
		return fail(why, ERR_DENIED,
		            "ROOST_%s is taken from the environment alone; set it there",
		            row->name);
	if (setting_locked(s, edit->id))
		return fail(why, ERR_DENIED,
		            "ROOST_%s is set in the environment; change or remove it there",
		            row->name);
	return edit->unset ? OK : setting_check(edit->id, edit->value, why);
}

/* The snapshot with what is stored and edited, checked. */
static enum err snapshot_make(struct settings_store *s, struct arena *a, struct live *live,
                              const struct change *c, const struct settings **out, struct why *why)
{
	const struct settings *present = settings_ref(live);
	struct settings_stored stored, roomy;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < c->count; i++)
		e = edit_check(present, &c->edits[i], why);
	settings_unref(present);
	if (e || (e = settings_stored_read(s->store, a, &stored)))
		return e;
	roomy.items = arena_array(a, struct setting_stored, stored.count + c->count);
	roomy.count = stored.count;
	for (size_t i = 0; i < stored.count; i++)
		roomy.items[i] = stored.items[i];
	for (size_t i = 0; i < c->count; i++)
		edit_apply(&roomy, &c->edits[i]);
	if ((e = live_try(live, &roomy, out, why)))
		return e;
	return s->check(s->arg, *out, why);
}

static void take_up(struct settings_store *s, const struct settings *now)
{
	const struct settings *before = settings_ref(s->live);

	live_publish(s->live, now);
	now = settings_ref(s->live);
	s->apply(s->arg, before, now);
	settings_unref(before);
	settings_unref(now);
}

static enum err change(struct settings_store *s, struct live *live, struct change *c,
                       struct why *why)
{
	const struct settings *now = NULL;
	struct arena a;
	enum err e;

	arena_init(&a, true);
	e = snapshot_make(s, &a, live, c, &now, why);
	if (e == OK && c->count != 0)
		e = store_write(s->store, write, c, why);
	if (e == OK && s->live != NULL) {
		for (size_t i = 0; i < c->count; i++)
			event(setting_changed, STR(""), ev_z(setting_row(c->edits[i].id)->name));
		take_up(s, now);
		now = NULL;
	}
	settings_unref(now);
	arena_deinit(&a);
	return e;
}

enum err settings_change(struct settings_store *s, const struct setting_edit *edits, size_t count,
                         enum err (*also)(struct txn *t, void *arg), void *arg, struct why *why)
{
	struct change c = { edits, count, also, arg };
	struct live *live = s->live;
	enum err e = OK;

	if (live == NULL)
		e = live_new(s->environment, &(struct settings_stored){ 0 }, &live, why);
	if (e)
		return e;
	pthread_mutex_lock(&s->lock);
	e = change(s, live, &c, why);
	pthread_mutex_unlock(&s->lock);
	if (s->live == NULL)
		live_free(&live);
	return e;
}

enum err settings_reload(struct settings_store *s, struct why *why)
{
	struct change none = { 0 };
	enum err e;

	pthread_mutex_lock(&s->lock);
	e = change(s, s->live, &none, why);
	pthread_mutex_unlock(&s->lock);
	return e;
}
