/* protocols/imap/search/context.c: creates and ends contexts, see context.h;
 * context_send.c updates them. */
#include "protocols/imap/search/context.h"

#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "protocols/imap/fetch/fetch.h"
#include "protocols/imap/own_changes.h"
#include "protocols/imap/search/program.h"
#include "protocols/imap/session.h"

static bool tag_used(const struct imap *s, struct str tag)
{
	const struct imap_contexts *all = s->selected.contexts;

	for (size_t i = 0; all && i < all->n; i++)
		if (str_eq(all->items[i]->tag, tag))
			return true;
	return false;
}

/* --- beginning -------------------------------------------------------------------------- */

/* RFC 5032 2: the result changes with time. */
static bool ages(const struct imap_search *what)
{
	for (size_t i = 0; i < what->n; i++)
		if (what->steps[i].op == SEARCH_OLDER || what->steps[i].op == SEARCH_YOUNGER)
			return true;
	return false;
}

/* RFC 5267 4.3.1; no quote and no backslash can be in a tag */
static void context_refuse(struct imap *s, struct str tag, const char *why)
{
	buf_fmt(imap_out(s), "* NO [NOUPDATE \"%.*s\"] %s\r\n", STR_ARG(tag), why);
}

static const char *refusal(const struct imap *s, const struct imap_search *what)
{
	const struct imap_contexts *all = s->selected.contexts;

	if (all && all->n >= LIMIT_imap_contexts)
		return "Too many contexts";
	if (s->input.text.n + what->inserted > LIMIT_imap_context)
		return "Search is too long to be kept";
	if (what->by_relevancy) /* scores are not kept */
		return "UPDATE does not support RELEVANCY";
	return ages(what) ? "UPDATE does not support YOUNGER or OLDER" : NULL;
}

bool imap_context_begin(struct imap *s, struct imap_search *what)
{
	const char *why;

	if (!(what->returns & RETURN_UPDATE))
		return true;
	if (tag_used(s, s->run.tag)) { /* RFC 5267 4.3 */
		imap_bad(s, "Tag is in use by another search context");
		return false;
	}
	why = refusal(s, what);
	if (why) {
		what->returns &= ~(unsigned)RETURN_UPDATE;
		context_refuse(s, s->run.tag, why);
	}
	return true;
}

/* --- storing results -------------------------------------------------------------------- */

static struct imap_seq seq_dup(struct arena *a, const struct imap_seq *set)
{
	struct imap_seq out = { .ranges = arena_array(a, struct imap_seq_range, set->n) };

	for (size_t i = 0; i < set->n; i++)
		out.ranges[out.n++] = set->ranges[i];
	return out;
}

static bool has_star(const struct imap_seq *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->ranges[i].lo == IMAP_SEQ_STAR || set->ranges[i].hi == IMAP_SEQ_STAR)
			return true;
	return false;
}

/* Message numbers become the UIDs of now (RFC 5267 4.3). set is resolved. */
static void to_uids(const struct view *v, struct arena *a, struct imap_search_step *step)
{
	struct imap_seq numbers = step->set;
	struct uids uids = { 0 };

	while (numbers.n && numbers.ranges[numbers.n - 1].lo > v->exists)
		numbers.n--; /* SEARCH ignores numbers that do not exist */
	if (numbers.n)
		numbers.ranges[numbers.n - 1].hi = MIN(numbers.ranges[numbers.n - 1].hi, v->exists);
	(void)view_select(v, &numbers, false, &uids);
	step->op = SEARCH_UID;
	step->asked = step->set = (struct imap_seq){ 0 };
	for (size_t i = 0; i < uids.n; i++)
		imap_seq_add(a, &step->set, uids.ranges[i].lo, uids.ranges[i].hi);
	uids_deinit(&uids);
}

static void step_keep(struct imap_context *x, const struct view *v,
                      const struct imap_search_step *from, struct imap_search_step *step)
{
	*step = *from;
	step->text = str_dup(&x->arena, from->text);
	step->name = str_dup(&x->arena, from->name);
	step->set = seq_dup(&x->arena, &from->set);
	step->asked = seq_dup(&x->arena, &from->asked);
	if (step->op == SEARCH_SEQ)
		to_uids(v, &x->arena, step);
	x->star |= step->op == SEARCH_UID && has_star(&step->asked);
}

static struct imap_contexts *all_of(struct imap *s)
{
	struct imap_contexts **all = &s->selected.contexts;

	if (!*all) {
		*all = NEW(struct imap_contexts);
		(*all)->items = mem_new(LIMIT_imap_contexts * sizeof(*(*all)->items));
		(*all)->last = view_last(&s->selected.view);
	}
	return *all;
}

void imap_context_keep(struct imap *s, const struct imap_sort *how, const struct uids *found,
                       const uint32_t *order)
{
	const struct imap_search *what = &how->search;
	struct imap_contexts *all;
	struct imap_context *x;

	if (s->run.lowest) { /* messages cut off by the limit would be added by their
	                      * changes */
		context_refuse(s, s->run.tag, "Not all messages were searched");
		return;
	}
	all = all_of(s);
	x = NEW(struct imap_context);
	x->tag = str_dup(&x->arena, s->run.tag);
	x->uid = s->run.uid;
	x->how = *how;
	x->how.search.keys = (struct cur){ NULL, NULL }; /* of the command, which ends */
	x->how.search.charset_name = STR_EMPTY;
	x->how.search.steps = arena_array(&x->arena, struct imap_search_step, what->n);
	for (size_t i = 0; i < what->n; i++)
		step_keep(x, &s->selected.view, &what->steps[i], &x->how.search.steps[i]);
	imap_program_make(&x->how.search, &x->arena, &x->program);
	if (what->update) {
		struct imap_fetch *atts = arena_new(&x->arena, struct imap_fetch);

		imap_fetch_atts_add(&x->arena, atts, what->update);
		x->how.search.update = atts;
		imap_own_begin(s);
	}
	uids_unite(&x->found, found);
	if (order) {
		x->cap = found->count;
		x->order = mem_new(x->cap * sizeof(*x->order));
		for (size_t i = 0; i < x->cap; i++)
			x->order[i] = order[i];
	}
	all->items[all->n++] = x;
	imap_contexts_trim(s);
}

/* --- ending ----------------------------------------------------------------------------- */

static void context_free(struct imap_context *x)
{
	uids_deinit(&x->found);
	uids_deinit(&x->added);
	uids_deinit(&x->removed);
	mem_free(x->order);
	arena_deinit(&x->arena);
	mem_free(x);
}

void imap_contexts_end(struct imap *s)
{
	struct imap_contexts *all = s->selected.contexts;

	if (!all)
		return;
	for (size_t i = 0; i < all->n; i++)
		context_free(all->items[i]);
	uids_deinit(&all->gone);
	uids_deinit(&all->changed);
	uids_deinit(&all->fresh);
	imap_fetch_free(&all->fetching);
	arena_deinit(&all->atts);
	mem_free(all->items);
	mem_clear(&s->selected.contexts);
}

/* The last one takes its place. */
static void context_drop(struct imap *s, size_t i)
{
	struct imap_contexts *all = s->selected.contexts;

	context_free(all->items[i]);
	all->items[i] = all->items[--all->n];
	if (all->n == 0)
		imap_contexts_end(s);
}

bool imap_context_cancel(struct imap *s, struct str tag)
{
	const struct imap_contexts *all = s->selected.contexts;

	for (size_t i = 0; all && i < all->n; i++)
		if (str_eq(all->items[i]->tag, tag)) {
			context_drop(s, i);
			return true;
		}
	return false;
}

static size_t held(const struct imap_contexts *all)
{
	size_t bytes = 0;

	for (size_t i = 0; i < all->n; i++)
		bytes += all->items[i]->found.n * sizeof(struct uid_range) +
		         all->items[i]->cap * sizeof(uint32_t);
	return bytes;
}

void imap_contexts_trim(struct imap *s)
{
	size_t max = s->server->context_results ? s->server->context_results
	                                        : LIMIT_imap_context_results;

	for (struct imap_contexts *all; (all = s->selected.contexts) && held(all) > max;) {
		context_refuse(s, all->items[all->n - 1]->tag, "Too many results");
		context_drop(s, all->n - 1);
	}
}

void imap_contexts_uidonly(struct imap *s)
{
	const struct imap_contexts *all = s->selected.contexts;

	for (size_t i = all ? all->n : 0; i-- > 0;)
		if (!all->items[i]->uid) {
			context_refuse(s, all->items[i]->tag, "UIDONLY is enabled");
			context_drop(s, i);
		}
}
