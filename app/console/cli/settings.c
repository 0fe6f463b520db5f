/* console/cli/settings.c: `roost settings ...`: what is set, and by whom; changing what the store
 * has. */
#include "console/cli/command.h"

#include "console/api/settings/settings_store.h"
#include "console/server/control.h"
#include "console/server/settings.h"
#include "foundation/base/buf.h"
#include "foundation/config/value.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 20 };

enum err command_live(const struct settings *s, struct store *store, struct live **out,
                      struct why *why)
{
	struct settings_stored stored = { 0 };
	struct arena a;
	enum err e;

	arena_init(&a, true);
	if (store != NULL && settings_stored_read(store, &a, &stored) != OK)
		stored.count = 0;
	e = live_new(s->environment, &stored, out, why);
	arena_deinit(&a);
	return e;
}

/* A folder that is missing or that this user may not read has no settings. A store of another
 * format has settings that cannot be read, so it is an error. */
enum err command_settings(const struct settings *s, struct live **out, struct why *why)
{
	struct store_config config = { .role = STORE_TOOL };
	struct store *store = NULL;
	struct arena a = { 0 };
	enum err e;

	config.folder = str_z(&a, s->data);
	e = store_open(&store, &config, why);
	if (e != ERR_CONFLICT)
		e = command_live(s, store, out, why);
	store_close(&store);
	arena_deinit(&a);
	return e;
}

static void print(struct buf *b)
{
	fwrite(b->p, 1, b->n, stdout);
	buf_deinit(b);
}

int cli_settings(const struct settings *s, int argc, char **argv)
{
	struct why why = { "" };
	struct live *live;
	struct buf b;

	(void)argc, (void)argv;
	if (command_settings(s, &live, &why) != OK)
		return command_failed("settings", &why);
	buf_init(&b, TEXT_MAX);
	settings_put(&b, settings_first(live));
	live_free(&live);
	print(&b);
	return EXIT_SUCCESS;
}

int cli_settings_get(const struct settings *s, int argc, char **argv)
{
	struct why why = { "" };
	enum setting_id id;
	struct live *live;
	struct buf b;

	(void)argc;
	if (setting_find(str_of(argv[0]), &id, &why) != OK ||
	    command_settings(s, &live, &why) != OK)
		return command_failed("settings", &why);
	buf_init(&b, TEXT_MAX);
	setting_put(&b, settings_first(live), id);
	buf_byte(&b, '\n');
	live_free(&live);
	print(&b);
	return EXIT_SUCCESS;
}

/* --- changing ------------------------------------------------------------------------------ */

static enum err check(void *arg, const struct settings *s, struct why *why)
{
	(void)arg;
	return settings_check(s, why);
}

struct noting {
	struct setting_edit *edit;
	struct str before, after;
};

static enum err note(struct txn *t, void *arg)
{
	const struct noting *n = arg;

	return command_note(t, n->edit->unset ? "setting.unset" : "setting.set",
	                    str_of(setting_row(n->edit->id)->name), n->before, n->after);
}

static enum err notes_make(const struct settings *s, struct store *store, struct arena *a,
                           struct noting *n, struct why *why)
{
	struct setting_edit *edit = n->edit;
	struct live *live;
	enum err e = command_live(s, store, &live, why);

	if (e != OK)
		return e;
	if (!edit->unset)
		e = setting_reveal(settings_first(live), edit->id, a, &edit->value, why);
	n->before = setting_note_of(settings_first(live), n->edit->id, a);
	n->after = n->edit->unset ? STR_EMPTY : setting_note(n->edit->id, n->edit->value, a);
	live_free(&live);
	return e;
}

/* When the command is over, the server goes by it. ERR_DENIED: it cannot; why has the reason. */
static enum err tell(const struct settings *s, enum setting_id id, struct why *why)
{
	enum control_answer answer = control_ask(s->data, CONTROL_SETTINGS, why);

	if (setting_row(id)->when == SETTING_RESTART)
		puts("This counts after the next start of the server.");
	else if (answer == CONTROL_REFUSED)
		return ERR_DENIED;
	else if (answer == CONTROL_SILENT)
		puts("The server has not answered yet; it goes by this when it has time, or "
		     "after its next start.");
	return OK;
}

/* The edit that makes the setting what the store has now. */
static enum err undo_make(struct store *store, struct arena *a, enum setting_id id,
                          struct setting_edit *out)
{
	struct str name = str_of(setting_row(id)->name);
	struct settings_stored stored = { 0 };
	enum err e = settings_stored_read(store, a, &stored);

	*out = (struct setting_edit){ .id = id, .unset = true };
	for (size_t i = 0; e == OK && i < stored.count; i++)
		if (str_eq(stored.items[i].name, name))
			*out = (struct setting_edit){ .id = id, .value = stored.items[i].value };
	return e;
}

/* The server has refused it: the store must not keep what the next start would take. */
static void undo(struct settings_store *changes, struct setting_edit *edit,
                 const struct noting *done)
{
	struct noting n = { .edit = edit, .before = done->after, .after = done->before };
	struct why why = { "" };

	if (settings_change(changes, edit, 1, note, &n, &why) != OK)
		fprintf(stderr, "roost: settings: the change could not be undone: %s\n", why.text);
}

static int change(const struct settings *s, struct setting_edit edit)
{
	struct settings_store changes = { .environment = s->environment, .check = check };
	struct noting n = { .edit = &edit };
	struct setting_edit before;
	struct why why = { "" };
	struct arena a = { 0 };
	enum err e;

	changes.store = command_store(s, false);
	if (changes.store == NULL)
		return EXIT_FAILURE;
	pthread_mutex_init(&changes.lock, NULL);
	e = notes_make(s, changes.store, &a, &n, &why);
	if (e == OK)
		e = undo_make(changes.store, &a, edit.id, &before);
	if (e == OK)
		e = settings_change(&changes, &edit, 1, note, &n, &why);
	if (e == OK && (e = tell(s, edit.id, &why)) != OK)
		undo(&changes, &before, &n);
	store_close(&changes.store);
	pthread_mutex_destroy(&changes.lock);
	arena_deinit(&a);
	if (e != OK)
		return command_failed("settings", &why);
	return EXIT_SUCCESS;
}

/* Read the value from the terminal or standard input. */
static bool value_ask(enum setting_id id, struct arena *a, struct str *out)
{
	struct why why = { "" };

	if (!setting_many_lines(id))
		return command_password(a, out);
	if (value_read_file(a, STR("/dev/stdin"), STR("the value"), out, &why) == OK)
		return true;
	command_failed("settings", &why);
	return false;
}

int cli_settings_set(const struct settings *s, int argc, char **argv)
{
	struct setting_edit edit = { .value = STR_EMPTY };
	struct why why = { "" };
	struct arena a;
	int status = EXIT_FAILURE;

	arena_init(&a, true);
	if (setting_find(str_of(argv[0]), &edit.id, &why) != OK) {
		command_failed("settings", &why);
	} else if (argc > 1 || value_ask(edit.id, &a, &edit.value)) {
		if (argc > 1)
			edit.value = str_of(argv[1]);
		if (argc == 1 && edit.value.n == 0 && setting_secret(edit.id))
			fputs("roost: settings: no value was given, so it is unchanged; `roost "
			      "settings unset` clears it\n",
			      stderr);
		else
			status = change(s, edit);
	}
	arena_deinit(&a);
	return status;
}

int cli_settings_unset(const struct settings *s, int argc, char **argv)
{
	struct setting_edit edit = { .unset = true };
	struct why why = { "" };

	(void)argc;
	if (setting_find(str_of(argv[0]), &edit.id, &why) != OK)
		return command_failed("settings", &why);
	return change(s, edit);
}
