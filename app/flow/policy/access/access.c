/* flow/policy/access/access.c: see access.h. */
#include "flow/policy/access/access.h"

#include "flow/policy/access/access_rows.h"
#include "flow/policy/run.h"
#include "foundation/base/mem.h"
#include "foundation/config/parsed.h"
#include "model/store/store.h"

/* The stored rows as rules, as of the last read. */
struct access {
	pthread_mutex_t reading; /* a reload; taken before lock, so that the newest data wins */
	pthread_rwlock_t lock;
	struct arena arena;        /* lock */
	struct access_rules rules; /* lock */
};

enum err access_check(struct str text, struct why *why)
{
	struct arena a = { 0 };
	struct access_rules unused;
	enum err e = access_rules_parse(text, &a, &unused, why);

	arena_deinit(&a);
	return e ? fail_about(why, e, "ROOST_ACCESS") : OK;
}

/* --- rows of the store ----------------------------------------------------------------------- */

struct access *access_new(void)
{
	struct access *x = NEW(struct access);

	pthread_mutex_init(&x->reading, NULL);
	pthread_rwlock_init(&x->lock, NULL);
	return x;
}

void access_free(struct access **x)
{
	if (*x == NULL)
		return;
	arena_deinit(&(*x)->arena);
	pthread_rwlock_destroy(&(*x)->lock);
	pthread_mutex_destroy(&(*x)->reading);
	mem_clear(x);
}

struct reading {
	struct arena *a;
	struct access_rows rows;
};

static enum err read_rows(struct txn *t, void *arg)
{
	struct reading *r = arg;

	return access_rows_list(t, r->a, &r->rows);
}

/* Skips rows that are no valid rule, which would be a bug. */
static void access_rules_of(struct arena *a, const struct access_rows *rows,
                            struct access_rules *out)
{
	out->items = arena_array(a, struct access_rule, rows->count);
	for (size_t i = 0; i < rows->count; i++)
		if (access_row_rule(&rows->items[i], a, &out->items[out->count], NULL) == OK)
			out->count++;
}

/* Call with reading held. */
static enum err read_swap(struct access *x, struct store *store)
{
	struct arena fresh = { 0 }, old;
	struct reading reading = { .a = &fresh };
	struct access_rules rules = { 0 };
	enum err e = store_read(store, read_rows, &reading);

	if (e) {
		arena_deinit(&fresh);
		return e;
	}
	access_rules_of(&fresh, &reading.rows, &rules);
	pthread_rwlock_wrlock(&x->lock);
	old = x->arena;
	x->arena = fresh;
	x->rules = rules;
	pthread_rwlock_unlock(&x->lock);
	arena_deinit(&old);
	return OK;
}

enum err access_read(struct access *x, struct store *store)
{
	enum err e;

	pthread_mutex_lock(&x->reading);
	e = read_swap(x, store);
	pthread_mutex_unlock(&x->reading);
	return e;
}

enum err policy_access_changed(struct policy *p)
{
	return p->access != NULL ? access_read(p->access, p->config.store) : OK;
}

bool access_any(struct access *x)
{
	bool any;

	if (x == NULL)
		return false;
	pthread_rwlock_rdlock(&x->lock);
	any = x->rules.count != 0;
	pthread_rwlock_unlock(&x->lock);
	return any;
}

/* --- evaluation ------------------------------------------------------------------------------ */

enum policy_need access_need(const struct policy_run *r)
{
	return policy_settings(r)->access.n != 0 || access_any(r->policy->access) ? POLICY_QUICK
	                                                                        : POLICY_NO;
}

static bool any_name(const struct access_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i].name.n != 0)
			return true;
	return false;
}

static void *access_rules_take(struct str text, struct arena *a)
{
	struct access_rules *rules = arena_new(a, struct access_rules);

	return access_rules_parse(text, a, rules, NULL) == OK ? rules : NULL;
}

/* NULL: the setting is unreadable. */
static const struct access_rules *setting_rules(const struct policy_run *r)
{
	static const struct parsed_kind kind = { .parse = access_rules_take };
	const struct settings *s = policy_settings(r);

	return settings_parsed(s, s->access, &kind);
}

bool access_looks_at_names(const struct policy_run *r)
{
	const struct access_rules *rules = setting_rules(r);
	struct access *x = r->policy->access;
	bool any = rules != NULL && any_name(rules);

	if (any || x == NULL)
		return any;
	pthread_rwlock_rdlock(&x->lock);
	any = any_name(&x->rules);
	pthread_rwlock_unlock(&x->lock);
	return any;
}

static bool setting_fits(struct policy_run *r, struct access_rule *out)
{
	const struct access_rules *rules = setting_rules(r);
	const struct access_rule *rule = rules != NULL ? access_rules_fit(rules, r) : NULL;

	if (rule != NULL)
		*out = *rule;
	return rule != NULL;
}

/* Returns a copy: a verdict may write to the store, so the lock must not be held then. */
static bool row_fits(struct policy_run *r, struct access_rule *out)
{
	struct access *x = r->policy->access;
	const struct access_rule *rule;

	if (x == NULL)
		return false;
	pthread_rwlock_rdlock(&x->lock);
	rule = access_rules_fit(&x->rules, r);
	if (rule != NULL) {
		*out = *rule;
		out->verdict = policy_answer_dup(policy_arena(r), &rule->verdict);
	}
	pthread_rwlock_unlock(&x->lock);
	return rule != NULL;
}

void access_run(struct policy_run *r)
{
	struct access_rule rule;
	struct str text;

	if (!setting_fits(r, &rule) && !row_fits(r, &rule))
		return;
	text = rule.verdict.text.n != 0 ? rule.verdict.text : STR("by the access rules");
	policy_say(r, &rule.verdict, "%.*s", STR_ARG(text));
}
