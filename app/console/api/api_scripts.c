/* console/api/api_scripts.c: Sieve scripts of the own account, of domains and of the server. */
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "formats/sieve/sieve.h"
#include "foundation/base/clock.h"
#include "model/directory/normal.h"
#include "model/filters/scripts.h"

enum scripts_of { OF_ACCOUNT, OF_DOMAIN, OF_SERVER };

/* One call about the scripts of an owner. */
struct scripts_call {
	struct api_call *call;
	struct script_owner owner;
	struct str name; /* empty: of all */
	struct str text, program;
	bool puts;
	struct script *items;
	size_t n;
};

static enum err scripts_call_of(struct api_call *c, enum scripts_of of, struct scripts_call *r)
{
	*r = (struct scripts_call){ .call = c, .name = c->parameter[of == OF_DOMAIN ? 1 : 0] };
	if (of == OF_ACCOUNT)
		r->owner.account = c->who.account;
	if (of != OF_DOMAIN)
		return OK;
	if (!normal_domain(c->arena, c->parameter[0], &r->owner.domain))
		return fail(&c->why, ERR_MISSING, "there is no domain %.*s",
		            STR_ARG(c->parameter[0]));
	return people_may_domain(c, r->owner.domain);
}

static enum err owner_check(struct txn *t, const struct scripts_call *r)
{
	enum err e = OK;

	if (r->owner.domain.n != 0)
		e = domain_get(t, r->owner.domain, r->call->arena, NULL);
	if (e == ERR_MISSING)
		(void)fail(&r->call->why, e, "there is no domain %.*s", STR_ARG(r->owner.domain));
	return e;
}

static void script_put_json(struct json_writer *w, const struct script *s, bool text)
{
	json_open(w, NULL, '{');
	json_put_str(w, "name", s->name);
	json_put_bool(w, "active", s->active);
	json_put_u64(w, "size", s->size);
	json_put_time(w, "changed", s->changed_ms);
	if (text)
		json_put_str(w, "text", s->text);
	json_close(w);
}

/* --- Reading --- */

static enum err list_read(struct txn *t, void *arg)
{
	struct scripts_call *r = arg;
	enum err e = owner_check(t, r);

	return e != OK ? e : scripts_list(t, &r->owner, r->call->arena, &r->items, &r->n);
}

static enum err scripts_answer(struct api_call *c, enum scripts_of of)
{
	struct scripts_call r;
	struct api_list out;
	enum err e = scripts_call_of(c, of, &r);

	if (e == OK)
		e = store_read(c->admin->store, list_read, &r);
	if (e != OK)
		return e;
	api_list_open(c, &out);
	for (size_t i = 0; i < r.n; i++)
		if (api_list_wants(&out, r.items[i].name))
			script_put_json(c->out, &r.items[i], false);
	api_list_close(&out);
	return OK;
}

static enum err one_read(struct txn *t, void *arg)
{
	struct scripts_call *r = arg;
	struct script script;
	enum err e = owner_check(t, r);

	if (e == OK)
		e = script_get(t, &r->owner, r->name, &script);
	if (e == OK)
		script_put_json(r->call->out, &script, true);
	else if (e == ERR_MISSING)
		(void)fail(&r->call->why, e, "script %.*s does not exist", STR_ARG(r->name));
	return e;
}

static enum err script_answer(struct api_call *c, enum scripts_of of)
{
	struct scripts_call r;
	enum err e = scripts_call_of(c, of, &r);

	return e != OK ? e : store_read(c->admin->store, one_read, &r);
}

/* --- Compiling --- */

static enum err text_compile(struct api_call *c, enum sieve_stage stage, struct str text,
                             struct str *program)
{
	struct sieve_errors errors = { 0 };

	if (text.n == 0)
		return fail(&c->why, ERR_SYNTAX, "text: the script is empty");
	if (script_compile_for(c->arena, stage, text, program, &errors))
		return OK;
	return fail(&c->why, ERR_SYNTAX, "line %u, column %u: %.*s",
	            (unsigned)errors.items[0].line, (unsigned)errors.items[0].column,
	            STR_ARG(errors.items[0].text));
}

enum err api_me_script_check(struct api_call *c)
{
	struct sieve_errors errors = { 0 };
	struct str text = STR_EMPTY, program;

	(void)json_str(json_get(c->body, "text"), &text);
	(void)script_compile(c->arena, text, &program, &errors);
	json_open(c->out, NULL, '{');
	json_open(c->out, "errors", '[');
	for (size_t i = 0; i < errors.n; i++) {
		json_open(c->out, NULL, '{');
		json_put_u64(c->out, "line", errors.items[i].line);
		json_put_u64(c->out, "column", errors.items[i].column);
		json_put_str(c->out, "text", errors.items[i].text);
		json_close(c->out);
	}
	json_close(c->out);
	json_put_bool(c->out, "more", errors.more);
	json_close(c->out);
	return OK;
}

/* --- Writing --- */

/* The name of the script in the audit log: "alice@example.org main", "example.org before",
 * "before". */
static struct str audit_name(struct txn *t, const struct scripts_call *r)
{
	struct str owner = r->owner.account != 0 ? r->call->who.address : r->owner.domain;

	return owner.n == 0 ? r->name
	                    : str_fmt(txn_arena(t), "%.*s %.*s", STR_ARG(owner), STR_ARG(r->name));
}

static enum err active_set(struct txn *t, const struct scripts_call *r, bool on)
{
	struct script script;
	enum err e;

	if (r->owner.account == 0)
		return fail(txn_why(t), ERR_SYNTAX,
		            "active: only the scripts of an account are activated");
	e = script_get(t, &r->owner, r->name, &script);
	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "script %.*s does not exist", STR_ARG(r->name));
	if (e != OK || script.active == on)
		return e;
	return script_activate(t, r->owner.account, on ? r->name : STR_EMPTY);
}

static enum err change_write(struct txn *t, void *arg)
{
	struct scripts_call *r = arg, now = *r;
	struct json body = r->call->body;
	struct str to;
	bool on;
	enum err e = owner_check(t, r);

	if (e == OK && r->puts)
		e = script_put(t, &r->owner, r->name, r->text, r->program, clock_real_ms());
	if (e == OK && json_str(json_get(body, "name"), &to) && !str_eq(to, r->name)) {
		e = script_rename(t, &r->owner, r->name, to);
		now.name = to;
	}
	if (e == OK && json_bool(json_get(body, "active"), &on))
		e = active_set(t, &now, on);
	return e != OK ? e
	               : api_audit(t, r->call, "script.change", audit_name(t, &now), STR_EMPTY,
	                           STR_EMPTY);
}

static enum err script_change(struct api_call *c, enum scripts_of of)
{
	struct scripts_call r;
	enum err e = scripts_call_of(c, of, &r);

	r.puts = json_str(json_get(c->body, "text"), &r.text);
	if (e == OK && r.puts)
		e = text_compile(c, script_stage(&r.owner, r.name), r.text, &r.program);
	if (e == OK)
		e = store_write(c->admin->store, change_write, &r, &c->why);
	(void)json_str(json_get(c->body, "name"), &r.name);
	return e != OK ? e : store_read(c->admin->store, one_read, &r);
}

static enum err rm_write(struct txn *t, void *arg)
{
	struct scripts_call *r = arg;
	enum err e = owner_check(t, r);

	if (e == OK)
		e = script_delete(t, &r->owner, r->name);
	return e != OK ? e
	               : api_audit(t, r->call, "script.remove", audit_name(t, r), STR_EMPTY,
	                           STR_EMPTY);
}

static enum err script_rm(struct api_call *c, enum scripts_of of)
{
	struct scripts_call r;
	enum err e = scripts_call_of(c, of, &r);

	return e != OK ? e : store_write(c->admin->store, rm_write, &r, &c->why);
}

/* --- Routes --- */

enum err api_me_scripts(struct api_call *c)
{
	return scripts_answer(c, OF_ACCOUNT);
}

enum err api_me_script(struct api_call *c)
{
	return script_answer(c, OF_ACCOUNT);
}

enum err api_me_script_change(struct api_call *c)
{
	return script_change(c, OF_ACCOUNT);
}

enum err api_me_script_rm(struct api_call *c)
{
	return script_rm(c, OF_ACCOUNT);
}

enum err api_domain_scripts(struct api_call *c)
{
	return scripts_answer(c, OF_DOMAIN);
}

enum err api_domain_script(struct api_call *c)
{
	return script_answer(c, OF_DOMAIN);
}

enum err api_domain_script_change(struct api_call *c)
{
	return script_change(c, OF_DOMAIN);
}

enum err api_domain_script_rm(struct api_call *c)
{
	return script_rm(c, OF_DOMAIN);
}

enum err api_scripts(struct api_call *c)
{
	return scripts_answer(c, OF_SERVER);
}

enum err api_script(struct api_call *c)
{
	return script_answer(c, OF_SERVER);
}

enum err api_script_change(struct api_call *c)
{
	return script_change(c, OF_SERVER);
}

enum err api_script_rm(struct api_call *c)
{
	return script_rm(c, OF_SERVER);
}
