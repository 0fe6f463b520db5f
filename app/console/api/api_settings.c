/* console/api/api_settings.c: every setting, with its origin; changing and unsetting one. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "console/api/settings/settings_trial.h"
#include "foundation/base/buf.h"
#include "model/store/store.h"

#include <string.h>

enum { VALUE_MAX = 70000 };

static void put_value(struct json_writer *w, const struct settings *s, enum setting_id id)
{
	struct buf value;

	if (setting_secret(id))
		json_put_bool(w, "set", setting_is_set(s, id));
	if (setting_secret(id) && !setting_many_lines(id)) {
		json_put_str(w, "value", STR_EMPTY);
		return;
	}
	buf_init(&value, VALUE_MAX);
	setting_put(&value, s, id);
	json_put_str(w, "value", buf_str(&value));
	buf_deinit(&value);
}

static bool differs(const struct settings *a, const struct settings *b, enum setting_id id)
{
	struct buf x, y;
	bool same;

	buf_init(&x, VALUE_MAX);
	buf_init(&y, VALUE_MAX);
	setting_put(&x, a, id);
	setting_put(&y, b, id);
	same = str_eq(buf_str(&x), buf_str(&y));
	buf_deinit(&x);
	buf_deinit(&y);
	return !same;
}

static void put_setting(struct api_call *c, const struct settings *s, enum setting_id id)
{
	const struct setting_row *row = setting_row(id);
	struct json_writer *w = c->out;

	json_open(w, NULL, '{');
	json_put_str(w, "name", str_of(row->name));
	json_put_str(w, "group", str_of(setting_group(id)));
	json_put_str(w, "kind", str_lower(c->arena, str_of(row->kind)));
	put_value(w, s, id);
	json_put_str(w, "default", str_of(row->value));
	json_put_str(w, "origin", str_of(setting_origin_name(s->origin[id])));
	json_put_bool(w, "locked", setting_locked(s, id) || setting_machine(id));
	json_put_bool(w, "machine", setting_machine(id));
	json_put_bool(w, "live", row->when == SETTING_LIVE || row->when == SETTING_TRIAL);
	/* Set, and waiting for the next start. */
	json_put_bool(w, "waiting",
	              row->when == SETTING_RESTART && differs(s, c->admin->settings, id));
	json_put_str(w, "valid", str_of(setting_valid(id)));
	json_put_str(w, "help", str_of(row->help));
	json_close(w);
}

enum err api_settings(struct api_call *c)
{
	const struct settings *s = settings_ref(c->admin->live);

	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (enum setting_id id = 0; id < SETTINGS; id++)
		put_setting(c, s, id);
	json_close(c->out);
	json_put_null(c->out, "next");
	json_close(c->out);
	settings_unref(s);
	return OK;
}

/* --- changing ----------------------------------------------------------------------------- */

struct noting {
	struct api_call *call;
	const struct setting_edit *edit;
	struct str before, after; /* JSON */
};

static enum err note(struct txn *t, void *arg)
{
	const struct noting *n = arg;

	return api_audit(t, n->call, n->edit->unset ? "setting.unset" : "setting.set",
	                 str_of(setting_row(n->edit->id)->name), n->before, n->after);
}

/* How the server is reached, and whose word is believed there, is no token's to change: it would
 * let its holder in by other ways than the token. */
static enum err token_check(struct api_call *c, enum setting_id id)
{
	const struct setting_row *row = setting_row(id);

	if (!c->who.token ||
	    (row->when != SETTING_TRIAL && strcmp(row->kind, "PEM") != 0 &&
	     !str_starts(str_of(row->kind), STR("LISTEN")) && id != SETTING_allow_plaintext_auth))
		return OK;
	return fail(&c->why, ERR_DENIED, "an API token cannot set ROOST_%s. Log in.", row->name);
}

/* Lists of rules are shown with their secrets hidden, and edited so. */
static enum err change(struct api_call *c, struct setting_edit edit)
{
	struct noting n = { .call = c, .edit = &edit };
	const struct settings *now;
	enum err e = token_check(c, edit.id);

	if (e != OK)
		return e;
	now = settings_ref(c->admin->live);
	n.before = setting_note_of(now, edit.id, c->arena);
	e = edit.unset ? OK : setting_reveal(now, edit.id, c->arena, &edit.value, &c->why);
	settings_unref(now);
	if (e != OK)
		return e;
	n.after = edit.unset ? STR_EMPTY : setting_note(edit.id, edit.value, c->arena);
	e = settings_change(c->admin->changes, &edit, 1, note, &n, &c->why);
	if (e != OK)
		return e;
	now = settings_ref(c->admin->live);
	put_setting(c, now, edit.id);
	settings_unref(now);
	return OK;
}

static enum err setting_keep(struct api_call *c, enum setting_id id)
{
	const struct settings *now = settings_ref(c->admin->live);

	put_setting(c, now, id);
	settings_unref(now);
	return OK;
}

enum err api_setting_set(struct api_call *c)
{
	struct setting_edit edit = { .value = STR_EMPTY };
	enum err e = setting_find(c->parameter[0], &edit.id, &c->why);

	(void)json_str(json_get(c->body, "value"), &edit.value);
	/* One secret is never shown, so a form that sends nothing keeps it; DELETE clears it. */
	if (e == OK && setting_secret(edit.id) && !setting_many_lines(edit.id) && edit.value.n == 0)
		return setting_keep(c, edit.id);
	return e != OK ? e : change(c, edit);
}

enum err api_setting_unset(struct api_call *c)
{
	struct setting_edit edit = { .unset = true };
	enum err e = setting_find(c->parameter[0], &edit.id, &c->why);

	return e != OK ? e : change(c, edit);
}

/* --- on trial ----------------------------------------------------------------------------- */

static void put_trial(struct api_call *c)
{
	struct str *names = NULL;
	size_t count = 0;
	int64_t left_ms = settings_trial_left_ms(c->admin->changes);

	if (left_ms != 0 && settings_trial_names(c->admin->changes, c->arena, &names, &count) != OK)
		count = 0;
	json_open(c->out, NULL, '{');
	json_open(c->out, "names", '[');
	for (size_t i = 0; i < count; i++)
		json_put_str(c->out, NULL, names[i]);
	json_close(c->out);
	json_put_u64(c->out, "seconds", (uint64_t)(left_ms + 999) / 1000);
	json_close(c->out);
}

enum err api_settings_trial(struct api_call *c)
{
	put_trial(c);
	return OK;
}

static enum err note_confirm(struct txn *t, void *arg)
{
	return api_audit(t, arg, "setting.confirm", STR_EMPTY, STR_EMPTY, STR_EMPTY);
}

static enum err note_undo(struct txn *t, void *arg)
{
	return api_audit(t, arg, "setting.undo", STR_EMPTY, STR_EMPTY, STR_EMPTY);
}

enum err api_settings_confirm(struct api_call *c)
{
	enum err e = settings_trial_confirm(c->admin->changes, c->http->began_mono_us, note_confirm,
	                                    c, &c->why);

	/* A retry over a new connection proves that the setting works. */
	if (e == ERR_CONFLICT)
		http_set(c->response, "Connection", STR("close"));
	if (e == OK)
		put_trial(c);
	return e;
}

enum err api_settings_undo(struct api_call *c)
{
	enum err e = settings_trial_undo(c->admin->changes, note_undo, c, &c->why);

	if (e == OK)
		put_trial(c);
	return e;
}
