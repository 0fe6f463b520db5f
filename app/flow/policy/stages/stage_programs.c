/* flow/policy/stages/stage_programs.c: see stage_programs.h. */
#include "flow/policy/stages/stage_programs.h"

#include "flow/policy/run.h"
#include "foundation/base/mem.h"
#include "foundation/config/parsed.h"
#include "foundation/config/settings.h"
#include "foundation/observe/event.h"
#include "model/filters/scripts.h"
#include "model/store/store.h"

/* The stored scripts, as of one read. It does not change. */
struct stage_set {
	atomic_uint users;
	struct arena arena;
	struct str texts[SIEVE_STAGES]; /* empty: there is none */
	struct stage_program programs[SIEVE_STAGES];
};

struct stage_programs {
	pthread_mutex_t lock;
	struct stage_set *set; /* lock */
};

enum sieve_stage stage_of(enum policy_stage stage)
{
	static const enum sieve_stage stages[POLICY_STAGES] = {
		[POLICY_CONNECT] = SIEVE_CONNECT, [POLICY_HELLO] = SIEVE_EHLO,
		[POLICY_MAIL] = SIEVE_MAIL,       [POLICY_RCPT] = SIEVE_RCPT,
		[POLICY_DATA] = SIEVE_DATA,       [POLICY_END] = SIEVE_END,
	};

	return stages[stage];
}

/* --- compiling ------------------------------------------------------------------------- */

/* Names of items are not case-sensitive. */
static unsigned uses_of(struct arena *a, struct str text)
{
	unsigned uses = 0;

	text = str_lower(a, text);

	if (str_find(text, STR("remote-host")) >= 0 || str_find(text, STR("roost.iprev")) >= 0)
		uses |= STAGE_USES_NAME;
	if (str_find(text, STR("roost.spf")) >= 0)
		uses |= STAGE_USES_SPF;
	return uses;
}

static bool program_make(struct arena *a, struct str text, enum sieve_stage stage,
                         struct stage_program *out, struct sieve_errors *errors)
{
	*out = (struct stage_program){ .uses = stage < SIEVE_END ? uses_of(a, text) : 0 };
	return script_compile_for(a, stage, text, &out->program, errors);
}

/* --- scripts of settings --------------------------------------------------------------- */

static void *program_take(struct str text, struct arena *a, enum sieve_stage stage)
{
	struct stage_program *x = arena_new(a, struct stage_program);
	struct sieve_errors unused;

	return program_make(a, text, stage, x, &unused) ? x : NULL;
}

#define STAGES(X)                                                                          \
	X(connect, CONNECT) X(ehlo, EHLO) X(mail, MAIL) X(rcpt, RCPT) X(data, DATA) X(end, END)
#define TAKE(name, NAME)                                                                   \
	static void *take_##name(struct str text, struct arena *a)                         \
	{                                                                                  \
		return program_take(text, a, SIEVE_##NAME);                                \
	}
STAGES(TAKE)

static const struct {
	const char *variable;
	size_t field; /* of struct settings */
	struct parsed_kind kind;
} rows[SIEVE_STAGES] = {
#define ROW(name, NAME)                                                                    \
	[SIEVE_##NAME] = { "ROOST_SIEVE_" #NAME, offsetof(struct settings, sieve_##name),  \
		           { .parse = take_##name } },
	STAGES(ROW)
};

static struct str setting_text(const struct settings *s, enum sieve_stage stage)
{
	return *(const struct str *)((const char *)s + rows[stage].field);
}

static enum err stage_setting_check(const struct settings *s, enum sieve_stage stage,
                                    struct why *why)
{
	struct arena a = { 0 };
	struct stage_program unused;
	struct sieve_errors errors;
	struct str text = setting_text(s, stage), all = STR_EMPTY;
	enum err e = OK;

	if (text.n != 0 && !program_make(&a, text, stage, &unused, &errors)) {
		for (size_t i = 0; i < errors.n; i++)
			all = str_fmt(&a, "%.*s%sline %u: %.*s", STR_ARG(all), i != 0 ? "; " : "",
			              errors.items[i].line, STR_ARG(errors.items[i].text));
		e = fail(why, ERR_SYNTAX, "%s: %.*s", rows[stage].variable, STR_ARG(all));
	}
	arena_deinit(&a);
	return e;
}

enum err stage_settings_check(const struct settings *s, struct why *why)
{
	enum err e = OK;

	for (unsigned stage = SIEVE_CONNECT; e == OK && stage < SIEVE_STAGES; stage++)
		e = stage_setting_check(s, stage, why);
	return e;
}

bool stage_settings_any(const struct settings *s)
{
	for (unsigned stage = SIEVE_CONNECT; stage < SIEVE_STAGES; stage++)
		if (setting_text(s, stage).n != 0)
			return true;
	return false;
}

/* --- stored scripts -------------------------------------------------------------------- */

void stage_set_leave(struct stage_set **s)
{
	struct stage_set *set = *s;

	*s = NULL;
	if (set == NULL || atomic_fetch_sub(&set->users, 1) != 1)
		return;
	arena_deinit(&set->arena);
	mem_free(set);
}

static struct stage_set *set_new(void)
{
	struct stage_set *set = NEW(struct stage_set);

	atomic_init(&set->users, 1);
	return set;
}

struct stage_programs *stage_programs_new(void)
{
	struct stage_programs *p = NEW(struct stage_programs);

	pthread_mutex_init(&p->lock, NULL);
	p->set = set_new();
	return p;
}

void stage_programs_free(struct stage_programs **p)
{
	if (*p == NULL)
		return;
	stage_set_leave(&(*p)->set);
	pthread_mutex_destroy(&(*p)->lock);
	mem_clear(p);
}

static struct stage_set *set_ref(struct stage_programs *p)
{
	struct stage_set *set;

	pthread_mutex_lock(&p->lock);
	set = p->set;
	atomic_fetch_add(&set->users, 1);
	pthread_mutex_unlock(&p->lock);
	return set;
}

static bool set_any(const struct stage_set *set)
{
	for (unsigned stage = SIEVE_CONNECT; stage < SIEVE_STAGES; stage++)
		if (set->texts[stage].n != 0)
			return true;
	return false;
}

bool stage_programs_any(struct stage_programs *p)
{
	struct stage_set *set = set_ref(p);
	bool any = set_any(set);

	stage_set_leave(&set);
	return any;
}

struct comparing {
	const struct stage_set *present;
	struct stage_set *fresh; /* gets the texts; NULL: only compare */
	bool changed;
};

static enum err texts_read(struct txn *t, void *arg)
{
	const struct script_owner server = { 0 };
	struct comparing *x = arg;
	struct script script;
	enum err e;

	for (unsigned stage = SIEVE_CONNECT; stage < SIEVE_STAGES; stage++) {
		e = script_get(t, &server, str_of(sieve_stage_name(stage)), &script);
		if (e != OK && e != ERR_MISSING)
			return e;
		if (e == ERR_MISSING)
			script.text = STR_EMPTY;
		x->changed |= !str_eq(script.text, x->present->texts[stage]);
		if (x->fresh != NULL)
			x->fresh->texts[stage] = str_dup(&x->fresh->arena, script.text);
	}
	return OK;
}

/* A script that does not compile was renamed, or stored by another version. */
static void set_compile(struct stage_set *set)
{
	struct sieve_errors errors;

	for (unsigned stage = SIEVE_CONNECT; stage < SIEVE_STAGES; stage++)
		if (set->texts[stage].n != 0 &&
		    !program_make(&set->arena, set->texts[stage], stage, &set->programs[stage],
		                  &errors))
			event(stage_script_ignored, STR(""), ev_z(sieve_stage_name(stage)),
			      ev_int(errors.items[0].line), ev_str(errors.items[0].text));
}

/* The set that is in force now. An error of the store keeps the last one. */
static struct stage_set *set_of_store(struct stage_programs *p, struct store *store)
{
	struct stage_set *present = set_ref(p);
	struct comparing x = { .present = present };

	if (store_read(store, texts_read, &x) != OK || !x.changed)
		return present;
	x.fresh = set_new();
	if (store_read(store, texts_read, &x) != OK) {
		stage_set_leave(&x.fresh);
		return present;
	}
	set_compile(x.fresh);
	stage_set_leave(&present);
	pthread_mutex_lock(&p->lock);
	present = p->set;
	p->set = x.fresh;
	pthread_mutex_unlock(&p->lock);
	stage_set_leave(&present);
	return set_ref(p);
}

/* --- of a session ---------------------------------------------------------------------- */

const struct stage_program *stage_program_of(const struct policy_run *r, enum sieve_stage stage)
{
	const struct settings *settings = policy_settings(r);
	struct str text = setting_text(settings, stage);
	struct policy_session *s = r->session;

	if (text.n != 0)
		return settings_parsed(settings, text, &rows[stage].kind);
	if (s->stages == NULL && r->policy->stages != NULL)
		s->stages = set_of_store(r->policy->stages, r->policy->config.store);
	return s->stages != NULL && s->stages->programs[stage].program.n != 0
	               ? &s->stages->programs[stage]
	               : NULL;
}

bool stage_programs_use(const struct policy_run *r, unsigned uses)
{
	for (unsigned stage = SIEVE_CONNECT; stage < SIEVE_END; stage++) {
		const struct stage_program *x = stage_program_of(r, stage);

		if (x != NULL && (x->uses & uses) != 0)
			return true;
	}
	return false;
}
