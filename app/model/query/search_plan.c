/* model/query/search_plan.c: see search_plan.h. */
#include "model/query/search_plan.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "model/mailbox/placement.h"
#include "model/query/search_sets.h"

#include <stdlib.h>

enum { FEW = 4 /* largest fraction of candidates, 1/FEW: each costs about as much as four rows */ };

void search_plan_init(struct search_plan *p, struct arena *a, const struct query_program *what)
{
	*p = (struct search_plan){ .what = what };
	p->found = arena_array(a, struct search_found *, what->n);
}

void search_plan_deinit(struct search_plan *p)
{
	for (size_t i = 0; i < p->next; i++)
		if (p->found[i]) {
			search_found_deinit(p->found[i]);
			mem_clear(&p->found[i]);
		}
	p->next = 0;
}

/* --- patterns --------------------------------------------------------------------------- */

unsigned search_plan_fields(const struct query_step *step, bool *all)
{
	static const struct {
		struct str name;
		enum search_field field;
	} known[] = {
		{ { "subject", 7 }, FIELD_SUBJECT }, { { "from", 4 }, FIELD_FROM },
		{ { "to", 2 }, FIELD_TO },           { { "cc", 2 }, FIELD_CC },
		{ { "bcc", 3 }, FIELD_BCC },
	};

	*all = true;
	if (step->op == QUERY_TEXT)
		return SEARCH_EVERYWHERE;
	if (step->op == QUERY_BODY)
		return BIT(FIELD_BODY);
	if (step->name.n == 0) { /* any field, but none of a part */
		*all = false;
		return SEARCH_EVERYWHERE & ~BIT(FIELD_BODY);
	}
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eqi(step->name, known[i].name))
			return BIT(known[i].field);
	*all = false;
	return BIT(FIELD_OTHER);
}

static bool plan_is_text(const struct query_step *step)
{
	return (step->op == QUERY_HEADER || step->op == QUERY_BODY || step->op == QUERY_TEXT) &&
	       step->text.n != 0;
}

bool search_plan_look(struct search_plan *p, const struct mail_txn *m, enum err *e)
{
	const struct query_step *step;
	struct search_found *f;
	unsigned fields;
	bool all;

	*e = OK;
	while (p->next < p->what->n && !plan_is_text(&p->what->steps[p->next]))
		p->next++;
	if (p->next == p->what->n || p->patterns == LIMIT_search_patterns)
		return false;
	step = &p->what->steps[p->next];
	fields = search_plan_fields(step, &all);
	f = p->found[p->next++] = NEW(struct search_found);
	p->patterns++;
	*e = step->fuzzy ? search_find_fuzzy(m, fields, step->text, f)
	                 : search_find(m, fields, step->text, f);
	f->exact = f->exact && all;
	return true;
}

enum verdict search_plan_says(const struct search_plan *p, const struct query_step *step,
                              uint64_t email)
{
	const struct search_found *f = p ? p->found[step - p->what->steps] : NULL;

	if (!f)
		return VERDICT_UNKNOWN;
	switch (search_found_says(f, email)) {
	case SAYS_YES:
		return VERDICT_YES;
	case SAYS_NO:
		return VERDICT_NO;
	default:
		return VERDICT_UNKNOWN;
	}
}

unsigned search_plan_score(const struct search_plan *p, const struct query_step *step,
                           uint64_t email)
{
	return search_found_score(p->found[step - p->what->steps], email);
}

/* --- candidates ------------------------------------------------------------------------- */

/* The index's result for a key. */
static bool looked_up(const struct query_step *step, const void *arg,
                      union search_members *out)
{
	const struct search_plan *p = arg;
	const struct search_found *f = p->found[step - p->what->steps];

	if (!f || f->known_to == 0)
		return false;
	ids_unite(&out->ids, &f->hits);
	return true;
}

/* The id up to which all lookups are valid. */
static uint64_t known_to(const struct search_plan *p)
{
	uint64_t to = UINT64_MAX;

	for (size_t i = 0; i < p->what->n; i++)
		if (p->found[i] && p->found[i]->known_to)
			to = MIN(to, p->found[i]->known_to);
	return to;
}

bool search_plan_ids(const struct search_plan *p, struct ids *out, uint64_t *to)
{
	union search_members may = { .ids = { 0 } };
	bool some = search_sets_run(p->what, &search_id_sets, looked_up, p, &may);

	*to = known_to(p);
	*out = may.ids;
	return some;
}

struct candidates {
	const struct mail_txn *m;
	uint32_t mailbox;
	uint32_t *uids;
	size_t n, cap;
};

static void candidate_add(struct candidates *c, const struct placement *at)
{
	if (at->mailbox != c->mailbox)
		return;
	if (c->n == c->cap) {
		c->cap = MAX(64, 2 * c->cap);
		c->uids = mem_resize(c->uids, c->cap * sizeof(*c->uids));
	}
	c->uids[c->n++] = at->uid;
}

static enum err candidates_known(struct candidates *c, const struct ids *ids, uint64_t to)
{
	struct placement_list list;
	struct arena a = { 0 };
	uint64_t id = 0;
	enum err e = OK;

	while (!e && ids_next(ids, id + 1, &id) && id <= to) {
		e = placements_get(c->m, id, &a, &list);
		for (size_t i = 0; i < list.n && !e; i++)
			candidate_add(c, &list.items[i]);
		e = e == ERR_MISSING ? OK : e;
		arena_reset(&a);
	}
	arena_deinit(&a);
	return e;
}

static enum err candidates_new(struct candidates *c, uint64_t after)
{
	struct placements placements;
	struct placement at;
	uint64_t id;

	placements_init(&placements, c->m, after);
	while (placements_next(&placements, &id, &at))
		candidate_add(c, &at);
	return placements_end(&placements);
}

static int uid_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

enum err search_plan_candidates(const struct search_plan *p, const struct mail_txn *m,
                                uint32_t mailbox, uint32_t exists, struct uids *out, bool *few)
{
	struct candidates c = { .m = m, .mailbox = mailbox };
	union search_members may = { .ids = { 0 } };
	uint64_t to = known_to(p), limit = 0;
	enum err e;

	*few = false;
	if (!search_sets_run(p->what, &search_id_sets, looked_up, p, &may))
		return OK;
	e = emails_limit(m, &limit);
	*few = !e && (ids_count(&may.ids) + (limit - MIN(limit, to))) * FEW < exists;
	if (*few && (e = candidates_known(&c, &may.ids, to)) == OK)
		e = candidates_new(&c, to);
	ids_deinit(&may.ids);
	if (c.n)
		qsort(c.uids, c.n, sizeof(*c.uids), uid_order);
	for (size_t i = 0; i < c.n; i++)
		uids_add(out, c.uids[i], c.uids[i]);
	mem_free(c.uids);
	return e;
}
