/* protocols/managesieve/cmd_scripts.c: the commands about scripts (RFC 5804 2.5 to 2.12), by
 * model/filters/scripts.h. */
#include "formats/sieve/sieve.h"
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"
#include "protocols/managesieve/session.h"

/* One command in its transaction. */
struct script_call {
	struct managesieve *s;
	struct script_owner owner;
	const struct managesieve_command *command;
	struct str name; /* the first argument */
	uint64_t size;
	struct str program;
	enum script_room room;
	struct why why;
};

static struct script_call call_of(struct managesieve *s, const struct managesieve_command *c)
{
	return (struct script_call){ .s = s,
		                     .owner = { .account = s->login.login.account },
		                     .command = c,
		                     .name = c->args[0].text };
}

/* The response to a call that has failed. */
static void call_failed(struct managesieve *s, const struct script_call *call, enum err e)
{
	struct str why = str_of(call->why.text);

	switch (e) {
	case ERR_MISSING:
		managesieve_no(s, "NONEXISTENT", why.n ? why : STR("there is no such script"));
		break;
	case ERR_SYNTAX:
		managesieve_no(s, "", why);
		break;
	case ERR_LIMIT:
		managesieve_no(s,
		               call->room == SCRIPT_TOO_MANY ? "QUOTA/MAXSCRIPTS"
		                                             : "QUOTA/MAXSIZE",
		               why.n ? why : STR("the script is too large"));
		break;
	default:
		managesieve_no(s, "TRYLATER", STR("the store is not available, try again later"));
	}
}

/* Run a call that changes something, and respond. */
static void call_write(struct managesieve *s, struct script_call *call, txn_fn *fn,
                       const char *conflict, const char *done)
{
	enum err e = store_write(s->server->store, fn, call, &call->why);

	if (e == ERR_CONFLICT) {
		managesieve_no(s, conflict, str_of(call->why.text));
	} else if (e != OK) {
		call_failed(s, call, e);
	} else {
		event(script_changed, conn_id(s->conn), ev_str(s->login.login.address), ev_z(done),
		      ev_str(call->name));
		managesieve_ok(s, "", STR_EMPTY);
	}
}

/* --- Reading --- */

static enum err list_run(struct txn *t, void *arg)
{
	struct script_call *call = arg;
	struct managesieve *s = call->s;
	struct buf *out = conn_out(s->conn);
	struct script *all;
	size_t n;
	enum err e = scripts_list(t, &call->owner, &s->arena, &all, &n);

	for (size_t i = 0; e == OK && i < n; i++) {
		managesieve_string_put(out, all[i].name);
		buf_put(out, all[i].active ? STR(" ACTIVE\r\n") : STR("\r\n"));
	}
	return e;
}

void managesieve_listscripts(struct managesieve *s, const struct managesieve_command *c)
{
	struct script_call call = call_of(s, c);
	enum err e = store_read(s->server->store, list_run, &call);

	if (e == OK)
		managesieve_ok(s, "", STR_EMPTY);
	else
		call_failed(s, &call, e);
}

static enum err get_run(struct txn *t, void *arg)
{
	struct script_call *call = arg;
	struct buf *to = &call->s->script;
	struct script script;
	enum err e = script_get(t, &call->owner, call->name, &script);

	if (e != OK)
		return e;
	buf_init(to, script.text.n + 64);
	buf_fmt(to, "{%zu}\r\n", script.text.n);
	buf_put(to, script.text);
	buf_put(to, STR("\r\nOK\r\n"));
	return OK;
}

/* session.c writes it little by little. */
void managesieve_getscript(struct managesieve *s, const struct managesieve_command *c)
{
	struct script_call call = call_of(s, c);
	enum err e = store_read(s->server->store, get_run, &call);

	if (e != OK)
		call_failed(s, &call, e);
}

static enum err room_run(struct txn *t, void *arg)
{
	struct script_call *call = arg;
	enum err e = script_room(t, &call->owner, call->name, call->size, &call->room);

	return e == OK && call->room != SCRIPT_FITS ? ERR_LIMIT : e;
}

void managesieve_havespace(struct managesieve *s, const struct managesieve_command *c)
{
	struct script_call call = call_of(s, c);
	enum err e = ERR_SYNTAX;

	call.size = c->args[1].number;
	if (!script_name_valid(call.name))
		(void)fail(&call.why, e, "this is not a name for a script");
	else
		e = store_read(s->server->store, room_run, &call);
	if (e == ERR_LIMIT)
		(void)fail(&call.why, e, "there is no room for this script");
	if (e == OK)
		managesieve_ok(s, "", STR_EMPTY);
	else
		call_failed(s, &call, e);
}

/* --- Compiling --- */

/* The text has all errors, one a line (RFC 5804 2.6). */
static void errors_put(struct managesieve *s, const struct sieve_errors *errors)
{
	struct buf text;

	buf_init(&text, 1 << 16);
	for (size_t i = 0; i < errors->n; i++)
		buf_fmt(&text, "%sline %u, column %u: %.*s", i == 0 ? "" : "\r\n",
		        (unsigned)errors->items[i].line, (unsigned)errors->items[i].column,
		        STR_ARG(errors->items[i].text));
	if (errors->more)
		buf_put(&text, STR("\r\nmore errors follow"));
	managesieve_no(s, "", buf_str(&text));
	buf_deinit(&text);
}

static bool text_compiles(struct managesieve *s, struct str text, struct str *program)
{
	struct sieve_errors errors = { 0 };

	if (text.n == 0)
		managesieve_no(s, "", STR("the script is empty"));
	else if (!script_compile(&s->arena, text, program, &errors))
		errors_put(s, &errors);
	else
		return true;
	return false;
}

void managesieve_checkscript(struct managesieve *s, const struct managesieve_command *c)
{
	struct str program;

	if (text_compiles(s, c->args[0].text, &program))
		managesieve_ok(s, "", STR_EMPTY);
}

/* --- Writing --- */

static enum err put_run(struct txn *t, void *arg)
{
	struct script_call *call = arg;
	struct str text = call->command->args[1].text;
	enum err e = script_room(t, &call->owner, call->name, text.n, &call->room);

	return e != OK ? e
	               : script_put(t, &call->owner, call->name, text, call->program,
	                            clock_real_ms());
}

void managesieve_putscript(struct managesieve *s, const struct managesieve_command *c)
{
	struct script_call call = call_of(s, c);

	if (c->args[1].text.n > LIMIT_sieve_script)
		call_failed(s, &call, ERR_LIMIT);
	else if (text_compiles(s, c->args[1].text, &call.program))
		call_write(s, &call, put_run, "", "stored");
}

static enum err delete_run(struct txn *t, void *arg)
{
	struct script_call *call = arg;

	return script_delete(t, &call->owner, call->name);
}

void managesieve_deletescript(struct managesieve *s, const struct managesieve_command *c)
{
	struct script_call call = call_of(s, c);

	call_write(s, &call, delete_run, "ACTIVE", "deleted");
}

static enum err rename_run(struct txn *t, void *arg)
{
	struct script_call *call = arg;

	return script_rename(t, &call->owner, call->name, call->command->args[1].text);
}

void managesieve_renamescript(struct managesieve *s, const struct managesieve_command *c)
{
	struct script_call call = call_of(s, c);

	call_write(s, &call, rename_run, "ALREADYEXISTS", "renamed");
}

static enum err active_run(struct txn *t, void *arg)
{
	struct script_call *call = arg;

	return script_activate(t, call->owner.account, call->name);
}

void managesieve_setactive(struct managesieve *s, const struct managesieve_command *c)
{
	struct script_call call = call_of(s, c);

	call_write(s, &call, active_run, "", call.name.n ? "activated" : "deactivated");
}
