/* console/api/settings/settings_store.c: see settings_store.h. */
#include "console/api/settings/settings_store.h"

#include "console/api/settings/settings_private.h"
#include "console/api/settings/settings_trial.h"
#include "foundation/base/buf.h"
#include "foundation/observe/event.h"
#include "foundation/text/json.h"
#include "model/store/store.h"

enum { NOTE_MAX = 70000 };

/* --- a change --------------------------------------------------------------------------- */

struct change {
	const struct setting_edit *edits;
	size_t count;
	enum err (*also)(struct txn *t, void *arg);
	void *arg;
	bool undoes; /* what is on trial */
	bool trial;  /* is or goes on trial: set by the first look at the edits */
};

/* Is the change one of how the server's own pages are reached? A command's is not on trial:
 * its caller is no guest of those pages. */
static bool is_trial(const struct settings_store *s, const struct change *c)
{
	bool yes = false;

	for (size_t i = 0; s->live != NULL && !c->undoes && i < c->count; i++)
		yes = yes || setting_row(c->edits[i].id)->when == SETTING_TRIAL;
	return yes;
}

static enum err write(struct txn *t, void *arg)
{
	const struct change *c = arg;
	enum err e = c->trial ? trial_keep(t, c->edits, c->count) : OK;

	for (size_t i = 0; e == OK && i < c->count; i++)
		e = settings_row_write(t, &c->edits[i]);
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
	enum err e;

	if (row->when == SETTING_START)
		return fail(why, ERR_DENIED, "ROOST_%s can be set only in the environment",
		            row->name);
	if (setting_locked(s, edit->id))
		return fail(why, ERR_DENIED,
		            "ROOST_%s is set in the environment. Change or remove it there",
		            row->name);
	if (edit->unset)
		return OK;
	e = setting_store_check(edit->id, edit->value, why);
	return e != OK ? e : setting_check(edit->id, edit->value, why);
}

/* A server takes edits from the API, the console and the setup; a command, which has no live
 * settings, is at the machine. Unsetting is always allowed. */
static enum err remote_check(const struct settings_store *s, const struct change *c,
                             struct why *why)
{
	enum err e = OK;

	if (s->live == NULL || c->undoes)
		return OK;
	for (size_t i = 0; e == OK && i < c->count; i++) {
		const struct setting_edit *edit = &c->edits[i];

		e = settings_places_check(edit->id, edit->unset ? STR_EMPTY : edit->value, why);
	}
	return e;
}

/* The snapshot with what is stored and edited, checked. */
static enum err snapshot_make(struct settings_store *s, struct arena *a, struct live *live,
                              const struct change *c, const struct settings **out, struct why *why)
{
	const struct settings *present = settings_ref(live);
	struct settings_stored stored = { 0 }, roomy;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < c->count; i++)
		e = edit_check(present, &c->edits[i], why);
	settings_unref(present);
	if (e == OK)
		e = remote_check(s, c, why);
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
	c->trial = is_trial(s, c);
	e = snapshot_make(s, &a, live, c, &now, why);
	if (e == OK && c->count != 0)
		e = store_write(s->store, write, c, why);
	if (e == OK && s->live != NULL) {
		if (c->trial)
			trial_begin(s);
		for (size_t i = 0; i < c->count; i++)
			event(setting_changed, STR(""), ev_z(setting_row(c->edits[i].id)->name));
		take_up(s, now);
		if (c->trial)
			trial_taken_up(s);
		now = NULL;
	}
	settings_unref(now);
	arena_deinit(&a);
	return e;
}

enum err settings_undo(struct settings_store *s, const struct setting_edit *edits, size_t count,
                       enum err (*also)(struct txn *t, void *arg), void *arg, struct why *why)
{
	struct change c = {
		.edits = edits, .count = count, .also = also, .arg = arg, .undoes = true
	};

	return change(s, s->live, &c, why);
}

enum err settings_change(struct settings_store *s, const struct setting_edit *edits, size_t count,
                         enum err (*also)(struct txn *t, void *arg), void *arg, struct why *why)
{
	struct change c = { .edits = edits, .count = count, .also = also, .arg = arg };
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

struct str setting_note(enum setting_id id, struct str value, struct arena *a)
{
	struct json_writer w;
	struct buf b;
	struct str text;

	buf_init(&b, 2 * NOTE_MAX);
	json_writer_init(&w, &b);
	json_put_str(&w, NULL, setting_secret(id) ? STR("(secret)") : value);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

struct str setting_note_of(const struct settings *s, enum setting_id id, struct arena *a)
{
	struct buf value;
	struct str text;

	buf_init(&value, NOTE_MAX);
	setting_put(&value, s, id);
	text = setting_note(id, buf_str(&value), a);
	buf_deinit(&value);
	return text;
}
