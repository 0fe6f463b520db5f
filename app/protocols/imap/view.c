/* protocols/imap/view.c: see view.h. */
#include "foundation/base/mem.h"
#include "protocols/imap/view.h"
#include <string.h>

void view_init(struct view *v, uint32_t exists, uint32_t uidnext)
{
	*v = (struct view){ .exists = exists, .uidnext = uidnext };
	if (exists + 1 != uidnext && exists != 0)
		return;
	view_begin(v);
	if (exists)
		view_add(v, 1, exists);
	v->uidnext = uidnext;
}

void view_deinit(struct view *v)
{
	mem_clear(&v->runs);
	*v = (struct view){ 0 };
}

void view_begin(struct view *v)
{
	v->known = true;
	v->n = 0;
	v->exists = 0;
}

static void run_push(struct view *v, struct view_run run)
{
	if (v->n == v->cap) {
		v->cap = v->cap ? 2 * v->cap : 4;
		v->runs = mem_resize(v->runs, v->cap * sizeof(v->runs[0]));
	}
	v->runs[v->n++] = run;
}

/* One past the last number of run i. */
static uint32_t run_end(const struct view *v, size_t i)
{
	return i + 1 < v->n ? v->runs[i + 1].seq : v->exists + 1;
}

static uint32_t run_count(const struct view *v, size_t i)
{
	return run_end(v, i) - v->runs[i].seq;
}

uint32_t view_last(const struct view *v)
{
	return v->n ? v->runs[v->n - 1].uid + run_count(v, v->n - 1) - 1 : 0;
}

void view_add(struct view *v, uint32_t lo, uint32_t hi)
{
	uint32_t last = view_last(v);

	assert(lo > last && hi >= lo);
	if (v->n == 0 || lo != last + 1)
		run_push(v, (struct view_run){ .uid = lo, .seq = v->exists + 1 });
	v->exists += hi - lo + 1;
	if (hi >= v->uidnext && hi < UINT32_MAX)
		v->uidnext = hi + 1;
}

void view_grow(struct view *v, uint32_t count, uint32_t uidnext)
{
	assert(!v->known);
	v->exists += count;
	v->uidnext = uidnext;
}

/* Index of the run that begins at or before uid; v->n if uid precedes all. */
static size_t run_of_uid(const struct view *v, uint32_t uid)
{
	size_t lo = 0, hi = v->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->runs[mid].uid <= uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? lo - 1 : v->n;
}

uint32_t view_seq(const struct view *v, uint32_t uid)
{
	size_t i = run_of_uid(v, uid);

	if (i == v->n || uid - v->runs[i].uid >= run_count(v, i))
		return 0;
	return v->runs[i].seq + (uid - v->runs[i].uid);
}

uint32_t view_uid(const struct view *v, uint32_t seq)
{
	size_t lo = 0, hi = v->n;

	assert(seq >= 1 && seq <= v->exists);
	while (lo < hi) { /* the last run that begins at or before seq */
		size_t mid = lo + (hi - lo) / 2;

		if (v->runs[mid].seq <= seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return v->runs[lo - 1].uid + (seq - v->runs[lo - 1].seq);
}

bool view_next(const struct view *v, uint32_t *uid, uint32_t hi, uint32_t *run_hi)
{
	size_t i = run_of_uid(v, *uid);

	if (i == v->n)
		i = 0;
	else if (*uid - v->runs[i].uid >= run_count(v, i))
		i++;
	if (i >= v->n || MAX(*uid, v->runs[i].uid) > hi)
		return false;
	*uid = MAX(*uid, v->runs[i].uid);
	*run_hi = MIN(hi, v->runs[i].uid + run_count(v, i) - 1);
	return true;
}

void view_missing(const struct view *v, const struct imap_seq *set, struct uids *out)
{
	for (size_t i = 0; i < set->n; i++) {
		uint32_t lo = set->ranges[i].lo, hi = MIN(set->ranges[i].hi, v->uidnext - 1);

		while (lo <= hi) {
			uint32_t at = lo, run_hi;

			if (!view_next(v, &at, hi, &run_hi)) {
				uids_add(out, lo, hi);
				break;
			}
			if (at > lo)
				uids_add(out, lo, at - 1);
			lo = run_hi + 1; /* below uidnext, so the number exists */
		}
	}
}

/* Report the numbers of messages to be removed, from the end. */
static void tell_removed(const struct view *v, const struct uids *uids,
                         void (*on_remove)(uint32_t, void *), void *arg)
{
	for (size_t k = uids->n; k-- > 0;) {
		uint32_t lo = uids->ranges[k].lo, hi = MIN(uids->ranges[k].hi, view_last(v));
		size_t i;

		while (hi >= lo && (i = run_of_uid(v, hi)) < v->n) {
			uint32_t first = MAX(lo, v->runs[i].uid);
			uint32_t last = MIN(hi, v->runs[i].uid + run_count(v, i) - 1);

			for (uint32_t uid = last; uid >= first; uid--)
				on_remove(v->runs[i].seq + (uid - v->runs[i].uid), arg);
			if (v->runs[i].uid <= lo)
				break;
			hi = v->runs[i].uid - 1;
		}
	}
}

/* Add UIDs in lo to hi that are not in uids; *k is the first range to check. */
static void add_rest(struct view *v, uint32_t lo, uint32_t hi, const struct uids *uids, size_t *k)
{
	for (;;) {
		while (*k < uids->n && uids->ranges[*k].hi < lo)
			++*k;
		if (*k == uids->n || uids->ranges[*k].lo > hi) {
			view_add(v, lo, hi);
			return;
		}
		if (uids->ranges[*k].lo > lo)
			view_add(v, lo, uids->ranges[*k].lo - 1);
		if (uids->ranges[*k].hi >= hi)
			return;
		lo = uids->ranges[*k].hi + 1;
	}
}

void view_remove(struct view *v, const struct uids *uids,
                 void (*on_remove)(uint32_t seq, void *arg), void *arg)
{
	struct view rest = { .uidnext = v->uidnext, .known = true };
	size_t k = 0;

	if (uids->n == 0)
		return;
	if (on_remove)
		tell_removed(v, uids, on_remove, arg);
	for (size_t i = 0; i < v->n; i++)
		add_rest(&rest, v->runs[i].uid, v->runs[i].uid + run_count(v, i) - 1, uids, &k);
	mem_free(v->runs);
	*v = rest;
}

static void select_uids(const struct view *v, uint32_t lo, uint32_t hi, struct uids *out)
{
	uint32_t run_hi;

	while (view_next(v, &lo, hi, &run_hi)) {
		uids_add(out, lo, run_hi);
		if (run_hi == UINT32_MAX)
			return;
		lo = run_hi + 1;
	}
}

/* "1:*": Thunderbird sends it to empty a trash that is already empty, and would show a
 * BAD to its user. So it is accepted and means no messages. */
static bool is_everything(const struct imap_seq *set)
{
	return set->n == 1 && set->ranges[0].lo == 1 && set->ranges[0].hi == IMAP_SEQ_STAR;
}

bool view_select(const struct view *v, struct imap_seq *set, bool by_uid, struct uids *out)
{
	bool empty_star = false;

	if (v->exists == 0 && is_everything(set))
		return true;
	for (size_t i = 0; i < set->n; i++)
		empty_star |=
			set->ranges[i].lo == IMAP_SEQ_STAR || set->ranges[i].hi == IMAP_SEQ_STAR;
	imap_seq_resolve(set, by_uid ? view_last(v) : v->exists);
	if (by_uid) {
		for (size_t i = 0; i < set->n; i++)
			select_uids(v, set->ranges[i].lo, set->ranges[i].hi, out);
		return true;
	}
	if ((empty_star && v->exists == 0) || (set->n && set->ranges[set->n - 1].hi > v->exists))
		return false;
	for (size_t i = 0; i < set->n; i++)
		select_uids(v, view_uid(v, set->ranges[i].lo), view_uid(v, set->ranges[i].hi), out);
	return true;
}
