/* model/query/search_sets.c: see search_sets.h. */
#include "model/query/search_sets.h"

/* --- kinds ------------------------------------------------------------------------------ */

static void uid_unite(union search_members *a, const union search_members *b)
{
	uids_unite(&a->uids, &b->uids);
}

static void uid_intersect(union search_members *a, const union search_members *b)
{
	uids_intersect(&a->uids, &b->uids);
}

static void uid_deinit(union search_members *a)
{
	uids_deinit(&a->uids);
}

const struct search_set_kind search_uid_sets = { uid_unite, uid_intersect, uid_deinit };

static void id_unite(union search_members *a, const union search_members *b)
{
	ids_unite(&a->ids, &b->ids);
}

static void id_intersect(union search_members *a, const union search_members *b)
{
	ids_intersect(&a->ids, &b->ids);
}

static void id_deinit(union search_members *a)
{
	ids_deinit(&a->ids);
}

const struct search_set_kind search_id_sets = { id_unite, id_intersect, id_deinit };

/* --- the run ---------------------------------------------------------------------------- */

struct set {
	bool all; /* m is empty then */
	union search_members m;
};

static void set_all(const struct search_set_kind *kind, struct set *s)
{
	kind->deinit(&s->m);
	s->all = true;
}

/* Consumes b. */
static void set_and(const struct search_set_kind *kind, struct set *a, struct set *b)
{
	if (a->all) {
		*a = *b;
		return;
	}
	if (!b->all)
		kind->intersect(&a->m, &b->m);
	kind->deinit(&b->m);
}

static void set_or(const struct search_set_kind *kind, struct set *a, struct set *b)
{
	if (b->all)
		set_all(kind, a);
	if (!a->all)
		kind->unite(&a->m, &b->m);
	kind->deinit(&b->m);
}

bool search_sets_run(const struct query_program *what, const struct search_set_kind *kind,
                     search_set_fn *of, const void *arg, union search_members *out)
{
	struct set stack[QUERY_STACK];
	size_t n = 0;

	for (size_t i = 0; i < what->n; i++) {
		switch (what->steps[i].op) {
		case QUERY_NOT:
			set_all(kind, &stack[n - 1]);
			break;
		case QUERY_AND:
			n--;
			set_and(kind, &stack[n - 1], &stack[n]);
			break;
		case QUERY_OR:
			n--;
			set_or(kind, &stack[n - 1], &stack[n]);
			break;
		default:
			stack[n] = (struct set){ 0 };
			stack[n].all = !of(&what->steps[i], arg, &stack[n].m);
			n++;
		}
	}
	assert(n == 1);
	*out = stack[0].m;
	return !stack[0].all;
}
