/* model/directory/rotation.c: the steps of a rotation; see rotation.h. */
#include "model/directory/rotation.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/store/kv.h"
#include "model/store/store.h"

/* --- when ---------------------------------------------------------------------------------- */

int64_t rotation_since(const struct rotation *r, const struct dkim_key_list *keys, int64_t now_ms)
{
	int64_t since_ms = r->since_ms <= now_ms ? r->since_ms : 0;

	for (size_t i = 0; i < keys->count; i++) {
		const struct dkim_key *k = &keys->items[i];

		if (k->state == DKIM_KEY_ACTIVE && k->changed_ms <= now_ms)
			since_ms = MAX(since_ms, k->changed_ms);
	}
	return since_ms != 0 ? since_ms : now_ms; /* all in the future: wrong clock */
}

bool rotation_is_due(const struct rotation *r, const struct dkim_key_list *keys, int64_t every_ms,
                     int64_t now_ms)
{
	if (r->next_count != 0)
		return false;
	if (r->asked)
		return true;
	return every_ms != 0 && r->old_count == 0 &&
	       now_ms - rotation_since(r, keys, now_ms) >= every_ms;
}

enum err rotation_ask(struct txn *t, struct str domain, struct why *why)
{
	struct rotation r;
	enum err e = rotation_get(t, domain, txn_arena(t), &r);

	if (e != OK)
		return e;
	if (r.next_count != 0)
		return fail(why, ERR_CONFLICT,
		            "the next keys of %.*s are there already, and sign once DNS shows "
		            "their records",
		            STR_ARG(domain));
	r.asked = true;
	return rotation_put(t, &r);
}

/* --- the keys ------------------------------------------------------------------------------ */

struct present {
	struct rotation r;
	struct dkim_key_list keys;
};

static enum err present_get(struct txn *t, struct str domain, struct present *out)
{
	enum err e = rotation_get(t, domain, txn_arena(t), &out->r);

	return e != OK ? e : dkim_keys(t, domain, txn_arena(t), &out->keys);
}

static bool in_state(const struct dkim_key_list *keys, struct str selector,
                     enum dkim_key_state state)
{
	for (size_t i = 0; i < keys->count; i++)
		if (str_eq(keys->items[i].selector, selector))
			return keys->items[i].state == state;
	return false;
}

static bool is_next(const struct rotation *r, struct str selector)
{
	for (size_t i = 0; i < r->next_count; i++)
		if (str_eq(r->next[i], selector))
			return true;
	return false;
}

/* --- begin --------------------------------------------------------------------------------- */

enum err rotation_begin(struct txn *t, struct str domain, struct dkim_pair *pair, int64_t every_ms,
                        bool *begun)
{
	int64_t now_ms = clock_real_ms();
	struct present p;
	enum err e = present_get(t, domain, &p);

	*begun = false;
	if (e != OK || !rotation_is_due(&p.r, &p.keys, every_ms, now_ms))
		return e;
	/* This stores their names in the row (dkim_key_new.c). */
	if ((e = dkim_pair_add(t, domain, pair, DKIM_KEY_PUBLISH)) ||
	    (e = rotation_get(t, domain, txn_arena(t), &p.r)))
		return e;
	p.r.asked = false;
	p.r.since_ms = rotation_since(&p.r, &p.keys, now_ms);
	p.r.next_ms = p.r.warned_ms = now_ms;
	p.r.seen_ms = p.r.all_ms = -1;
	for (p.r.next_count = 0; p.r.next_count < COUNT(pair->keys); p.r.next_count++)
		p.r.next[p.r.next_count] = pair->keys[p.r.next_count].selector;
	*begun = true;
	return rotation_put(t, &p.r);
}

/* --- turn ---------------------------------------------------------------------------------- */

/* The next keys begin to sign before the old ones stop, so that one always signs. */
static enum err next_sign(struct txn *t, const struct rotation *r)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < r->next_count; i++)
		e = dkim_key_change(t, r->domain, r->next[i], DKIM_KEY_ACTIVE, txn_why(t));
	return e;
}

/* Does a next key of the same algorithm replace it? A verifier that knows only one algorithm needs
 * a signature of that one (RFC 8463 6). */
static bool is_followed(const struct present *p, const struct dkim_key *k)
{
	for (size_t i = 0; i < p->keys.count; i++)
		if (p->keys.items[i].algorithm == k->algorithm &&
		    is_next(&p->r, p->keys.items[i].selector))
			return true;
	return false;
}

/* Did an administrator make the key sign while the next keys waited? A time in the future comes
 * from a wrong clock. */
static bool is_of_people(const struct rotation *r, const struct dkim_key *k)
{
	return k->changed_ms > r->next_ms && k->changed_ms <= clock_real_ms();
}

static enum err others_retire(struct txn *t, struct present *p, int64_t overlap_ms)
{
	struct rotation *r = &p->r;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < p->keys.count; i++) {
		const struct dkim_key *k = &p->keys.items[i];

		if (k->state != DKIM_KEY_ACTIVE || is_next(r, k->selector) || is_of_people(r, k) ||
		    !is_followed(p, k))
			continue;
		e = dkim_key_change(t, r->domain, k->selector, DKIM_KEY_RETIRED, txn_why(t));
		if (r->old_count < ROTATION_OLD) /* otherwise an administrator removes it */
			r->old[r->old_count++] = (struct rotation_old){ k->selector, overlap_ms };
	}
	return e;
}

/* How long a state has lasted at this check; -1 when it does not hold. */
static int64_t lasted_ms(int64_t before_ms, bool is, int64_t passed_ms)
{
	return !is ? -1 : before_ms < 0 ? 0 : before_ms + MAX(passed_ms, 0);
}

enum err rotation_seen(struct txn *t, struct str domain, const struct rotation_look *look,
                       bool *turned)
{
	struct present p;
	enum err e = present_get(t, domain, &p);
	struct rotation *r = &p.r;
	bool ready = look->seen;

	*turned = false;
	if (e != OK || r->next_count == 0)
		return e;
	for (size_t i = 0; i < r->next_count; i++)
		ready = ready && in_state(&p.keys, r->next[i], DKIM_KEY_PUBLISH);
	r->seen_ms = lasted_ms(r->seen_ms, ready, look->passed_ms);
	r->all_ms = lasted_ms(r->all_ms, ready && look->everywhere, look->passed_ms);
	if (!ready ||
	    ((r->all_ms < 0 || r->all_ms < look->settle_ms) && r->seen_ms < look->patience_ms))
		return rotation_put(t, r);
	if ((e = next_sign(t, r)) || (e = others_retire(t, &p, look->overlap_ms)))
		return e;
	r->since_ms = clock_real_ms();
	r->next_count = 0;
	r->seen_ms = r->all_ms = -1;
	*turned = true;
	return rotation_put(t, r);
}

/* --- mind ---------------------------------------------------------------------------------- */

bool rotation_wants(const struct rotation *r, const struct dkim_key_list *keys, int64_t passed_ms)
{
	for (size_t i = 0; i < r->next_count; i++)
		if (!in_state(keys, r->next[i], DKIM_KEY_PUBLISH))
			return true;
	return r->old_count != 0 && passed_ms > 0;
}

static void next_forget(struct present *p)
{
	struct rotation *r = &p->r;
	size_t kept = 0;

	for (size_t i = 0; i < r->next_count; i++)
		if (in_state(&p->keys, r->next[i], DKIM_KEY_PUBLISH))
			r->next[kept++] = r->next[i];
	r->next_count = kept;
}

/* Mail with a later send date was signed when it was accepted. */
bool rotation_is_waited_for(int64_t since_ms, int64_t oldest_ms)
{
	int64_t most_ms = (int64_t)LIMIT_smtp_hold_s * 1000 + LIMIT_dkim_overlap_ms;

	return oldest_ms < since_ms && clock_real_ms() - since_ms < most_ms;
}

enum err rotation_mind(struct txn *t, struct str domain, int64_t passed_ms, int64_t oldest_ms,
                       size_t *removed)
{
	struct present p;
	enum err e = present_get(t, domain, &p);
	struct rotation *r = &p.r;
	size_t kept = 0;

	*removed = 0;
	if (e != OK || !rotation_wants(r, &p.keys, passed_ms))
		return e;
	next_forget(&p);
	for (size_t i = 0; e == OK && i < r->old_count; i++) {
		struct rotation_old *old = &r->old[i];

		if (!in_state(&p.keys, old->selector, DKIM_KEY_RETIRED))
			continue;
		old->left_ms = MAX(old->left_ms - MAX(passed_ms, 0), 0);
		if (old->left_ms > 0 || rotation_is_waited_for(r->since_ms, oldest_ms)) {
			r->old[kept++] = *old;
			continue;
		}
		e = dkim_key_rm(t, domain, old->selector, txn_why(t));
		++*removed;
	}
	r->old_count = kept;
	return e != OK ? e : rotation_put(t, r);
}
