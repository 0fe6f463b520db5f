/* model/mailbox/uids.c: see uids.h. */
#include "model/mailbox/uids.h"

#include "foundation/base/mem.h"

static struct uid_range everything = { 1, UINT32_MAX };
const struct uids uids_all = { .ranges = &everything, .n = 1, .count = UINT32_MAX };

void uids_deinit(struct uids *u)
{
	mem_free(u->ranges);
	*u = (struct uids){ 0 };
}

void uids_reset(struct uids *u)
{
	u->n = 0;
	u->count = 0;
}

void uids_take(struct uids *from, struct uids *out)
{
	*out = *from;
	*from = (struct uids){ 0 };
}

void uids_add(struct uids *u, uint32_t lo, uint32_t hi)
{
	struct uid_range *last = u->n ? &u->ranges[u->n - 1] : NULL;

	assert(lo != 0 && lo <= hi && (!last || last->hi < lo));
	u->count += hi - lo + 1;
	if (last && last->hi + 1 == lo) {
		last->hi = hi;
		return;
	}
	if (u->n == u->cap) {
		u->cap = u->cap ? 2 * u->cap : 8;
		u->ranges = mem_resize(u->ranges, u->cap * sizeof(*u->ranges));
	}
	u->ranges[u->n++] = (struct uid_range){ lo, hi };
}

void uids_slice(const struct uids *u, uint32_t skip, uint32_t n, struct uids *out)
{
	for (size_t i = 0; i < u->n && n > 0; i++) {
		uint32_t count = u->ranges[i].hi - u->ranges[i].lo + 1;
		uint32_t lo = u->ranges[i].lo + MIN(skip, count), some;

		skip -= MIN(skip, count);
		some = MIN(n, u->ranges[i].hi - lo + 1);
		if (some)
			uids_add(out, lo, lo + some - 1);
		n -= some;
	}
}

/* Adds the part of r that is after the last range. */
static void add_behind(struct uids *u, struct uid_range r)
{
	uint32_t last = u->n ? u->ranges[u->n - 1].hi : 0;

	if (r.hi > last)
		uids_add(u, MAX(r.lo, last + 1), r.hi);
}

void uids_unite(struct uids *u, const struct uids *more)
{
	struct uids all = { 0 };
	size_t i = 0, k = 0;

	if (more->n == 0)
		return;
	while (i < u->n || k < more->n) {
		bool ours = k == more->n || (i < u->n && u->ranges[i].lo <= more->ranges[k].lo);

		add_behind(&all, ours ? u->ranges[i++] : more->ranges[k++]);
	}
	uids_deinit(u);
	*u = all;
}

void uids_subtract(struct uids *u, const struct uids *less)
{
	struct uids rest = { 0 };
	size_t k = 0;

	for (size_t i = 0; i < u->n; i++) {
		struct uid_range r = u->ranges[i];

		while (k < less->n && less->ranges[k].hi < r.lo)
			k++;
		for (; k < less->n && less->ranges[k].lo <= r.hi; k++) {
			if (less->ranges[k].lo > r.lo)
				uids_add(&rest, r.lo, less->ranges[k].lo - 1);
			if (less->ranges[k].hi >= r.hi)
				break;
			r.lo = less->ranges[k].hi + 1;
		}
		if (k == less->n || less->ranges[k].lo > r.hi)
			uids_add(&rest, r.lo, r.hi);
	}
	uids_deinit(u);
	*u = rest;
}

void uids_intersect(struct uids *u, const struct uids *other)
{
	struct uids both = { 0 };
	size_t i = 0, k = 0;

	while (i < u->n && k < other->n) {
		struct uid_range a = u->ranges[i], b = other->ranges[k];

		if (a.lo <= b.hi && b.lo <= a.hi)
			uids_add(&both, MAX(a.lo, b.lo), MIN(a.hi, b.hi));
		i += a.hi <= b.hi;
		k += b.hi <= a.hi;
	}
	uids_deinit(u);
	*u = both;
}

bool uids_has(const struct uids *u, uint32_t uid)
{
	size_t lo = 0, hi = u->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (uid < u->ranges[mid].lo)
			hi = mid;
		else if (uid > u->ranges[mid].hi)
			lo = mid + 1;
		else
			return true;
	}
	return false;
}
