/* flow/delivery/follow.c: see follow.h. */
#include "flow/delivery/follow.h"

#include "flow/delivery/plan.h"
#include "flow/delivery/refusal.h"
#include "formats/message/dsn.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "model/directory/resolve.h"
#include "model/directory/srs.h"
#include "model/store/store.h"

#include <string.h>

enum { TARGET_KEY_MAX = 1024 };

/* The key of a target. */
static struct str key_put(struct buf *key, uint32_t account, const struct mailaddr *address)
{
	buf_init(key, TARGET_KEY_MAX);
	if (account != 0)
		buf_u64(key, account); /* no "@", so no address */
	else
		mailaddr_put(key, address);
	return buf_str(key);
}

static bool is_met(const struct plan *p, const struct resolve_target *target)
{
	struct buf key;
	bool met;

	if (p->m->met == NULL)
		return false;
	met = map_get(p->m->met, key_put(&key, target->account, &target->address)) != NULL;
	buf_deinit(&key);
	return met;
}

static void met_add(const struct plan *p, uint32_t account, const struct mailaddr *address)
{
	struct buf key;

	map_put(p->m->met, key_put(&key, account, address), p->m->met);
	buf_deinit(&key);
}

void follow_met(const struct plan *p)
{
	for (size_t i = 0; p->m->met != NULL && i < p->local_count; i++)
		if (p->locals[i].refused == NULL)
			met_add(p, p->locals[i].account, &p->locals[i].address);
	for (size_t i = 0; p->m->met != NULL && i < p->remote_count; i++)
		met_add(p, 0, &p->remotes[i].rcpt.address);
}

enum { PLACE_NEW = -1 };

/* The place of an account, or of an address without one, among the locals or the remotes;
 * PLACE_NEW: it was added now. */
static ptrdiff_t place_note(struct plan *p, uint32_t account, const struct mailaddr *address,
                            size_t place)
{
	struct buf key;
	void *before;

	key_put(&key, account, address);
	before = map_get(&p->known, buf_str(&key));
	if (before == NULL)
		map_put(&p->known, buf_str(&key),
		        (void *)(uintptr_t)(place + 1));
	buf_deinit(&key);
	return before != NULL ? (ptrdiff_t)(uintptr_t)before - 1 : PLACE_NEW;
}

/* Room for another item in a list, which doubles, so that memory is proportional to
 * recipients. */
static void *list_room(struct plan *p, void *items, size_t count, size_t *cap, size_t size)
{
	void *grown;

	if (count < *cap)
		return items;
	*cap = MAX(*cap * 2, (size_t)4);
	grown = arena_alloc_array(&p->arena, *cap, size);
	if (count != 0)
		memcpy(grown, items, count * size);
	return grown;
}

static void lead_add(struct plan *p, size_t rcpt, ptrdiff_t local, bool alone)
{
	p->leads = list_room(p, p->leads, p->lead_count, &p->lead_cap, sizeof *p->leads);
	p->leads[p->lead_count++] =
		(struct plan_lead){ .rcpt = rcpt, .local = local, .alone = alone };
}

static void member_add(struct plan *p, size_t rcpt, ptrdiff_t local, const struct mailaddr *owner)
{
	lead_add(p, rcpt, local, false);
	p->leads[p->lead_count - 1].owner = mailaddr_dup(&p->arena, owner);
}

/* A copy of it. */
static void remote_add(struct plan *p, const struct plan_remote *remote)
{
	struct plan_remote *to;

	p->remotes =
		list_room(p, p->remotes, p->remote_count, &p->remote_cap, sizeof *p->remotes);
	to = &p->remotes[p->remote_count++];
	*to = *remote;
	to->from = mailaddr_dup(&p->arena, &remote->from);
	to->rcpt.orcpt = str_dup(&p->arena, remote->rcpt.orcpt);
	to->rcpt.address = mailaddr_dup(&p->arena, &remote->rcpt.address);
	to->seal = str_dup(&p->arena, remote->seal);
}

/* The actions of several recipients that lead to one target: quarantined only if all of them
 * are. */
static void actions_merge(struct envelope_rcpt *to, const struct envelope_rcpt *rcpt)
{
	if (!to->filtered && actions_quarantined(rcpt->actions).n == 0)
		to->actions = NULL;
}

/* The place of a target among the locals, new or not. */
static ptrdiff_t local_add(struct plan *p, const struct resolve_target *target,
                           const struct envelope_rcpt *rcpt)
{
	bool met = is_met(p, target);
	bool too_big = !met && target->message_bytes != 0 && p->m->body.n > target->message_bytes;
	const struct envelope_reply *refused = too_big ? &refusal_too_big : NULL;
	ptrdiff_t place = place_note(p, target->account, &target->address, p->local_count);

	if (place != PLACE_NEW) {
		actions_merge(&p->locals[place].rcpt, rcpt);
		return place;
	}
	p->locals = list_room(p, p->locals, p->local_count, &p->local_cap, sizeof *p->locals);
	p->locals[p->local_count] = (struct plan_local){
		.account = target->account,
		.address = mailaddr_dup(&p->arena, &target->address),
		.quota_bytes = target->quota_bytes,
		.owner = mailaddr_dup(&p->arena, &target->owner),
		.rcpt = *rcpt,
		.refused = refused,
		.met = met,
	};
	return (ptrdiff_t)p->local_count++;
}

/* RFC 3461 5.2.7.2: an alias with one target is passed through. 5.2.7.3 (c): for one with
 * several, and for a list, the sender gets a notice of expansion, and only failures of
 * the targets. */
static unsigned notify_of_members(unsigned notify)
{
	if (notify == DSN_SUCCESS)
		return DSN_NEVER; /* he did not request failures either */
	return notify & ~(unsigned)DSN_SUCCESS;
}

/* Shared by the functions that resolve recipients: how return paths are made. */
struct follow {
	struct plan *p;
	struct arena *a; /* of one recipient: its targets may be many */
	bool srs;        /* the sender is remote, and there is a key */
	uint8_t key[SRS_KEY];
};

/* r led from an address of the domain to the target. */
static struct mailaddr return_path(const struct follow *f, const struct resolved *r,
                                   struct str domain, const struct resolve_target *target)
{
	const struct mailaddr *from = &f->p->m->envelope.sender;
	struct mailaddr path = *from;

	if (mailaddr_is_null(from) || !r->alias)
		return path;
	if (!mailaddr_is_null(&target->owner))
		return target->owner;
	if (f->srs && domain.n != 0)
		(void)srs_encode(f->key, clock_real_ms(), from, domain, f->a, &path);
	return path;
}

/* RFC 3461 5.2.1 (d): an added ORCPT has the address of the received RCPT. Otherwise a
 * report would name an address that the sender never wrote. */
static struct str orcpt_of(struct arena *a, const struct envelope_rcpt *rcpt)
{
	if (rcpt->orcpt.n != 0 || mailaddr_is_null(&rcpt->written))
		return rcpt->orcpt;
	return dsn_orcpt_of(a, &rcpt->written);
}

/* The sender's requests end at a list; its owner has made none. */
static struct envelope_rcpt remote_rcpt(struct arena *a, const struct envelope_rcpt *rcpt,
                                        const struct resolve_target *target, bool several)
{
	struct envelope_rcpt remote = { .address = target->address };

	if (!mailaddr_is_null(&target->owner))
		return remote;
	remote.orcpt = orcpt_of(a, rcpt);
	remote.notify = several ? notify_of_members(rcpt->notify) : rcpt->notify;
	return remote;
}

/* A member of a list is also a direct recipient: the sender gets those results, and the
 * owner those of the list. */
static void remote_own(struct plan *p, struct plan_remote *to, const struct plan_remote *own)
{
	to->rcpt.orcpt = str_dup(&p->arena, own->rcpt.orcpt);
	to->rcpt.notify = own->rcpt.notify;
	to->from = mailaddr_dup(&p->arena, &own->from);
	to->seal = str_dup(&p->arena, own->seal);
	to->listed = false;
}

/* The local domain that seals mail forwarded by an address of it, unless the target itself
 * is in it. */
static struct str seal_of(struct plan *p, struct str domain, const struct resolved *r)
{
	if (p->m->arrival == NULL || !p->settings->arc_seal || !r->alias)
		return STR_EMPTY;
	return mailaddr_domain_normal(&p->arena, domain);
}

static void remote_take(struct plan *p, size_t i, const struct resolve_target *target,
                        const struct plan_remote *remote)
{
	ptrdiff_t place;

	p->onward[i] = p->onward[i] || !remote->listed;
	if (is_met(p, target)) {
		p->met = true;
		return;
	}
	place = place_note(p, 0, &target->address, p->remote_count);
	if (place == PLACE_NEW) {
		remote_add(p, remote);
		return;
	}
	if (remote->quarantine.n == 0) /* his mail must not be held because of the
	                                * other's */
		p->remotes[place].quarantine = STR_EMPTY;
	if (p->remotes[place].listed && !remote->listed)
		remote_own(p, &p->remotes[place], remote);
}

/* As a recipient that waits for room: a list's owner gets the same reports as for
 * others. */
static void waiting_note(struct plan *p, struct plan_local *local, const struct plan_remote *remote)
{
	struct plan_remote *waiting;

	if (!p->m->patient ||
	    (local->waiting != NULL && (remote->listed || !local->waiting->listed)))
		return;
	waiting = arena_new(&p->arena, struct plan_remote);
	*waiting = (struct plan_remote){ .rcpt = remote->rcpt,
		                         .from = mailaddr_dup(&p->arena, &remote->from),
		                         .listed = remote->listed };
	waiting->rcpt.address = local->address;
	waiting->rcpt.orcpt = str_dup(&p->arena, remote->rcpt.orcpt);
	local->waiting = waiting;
}

void follow_wait(struct plan *p, struct plan_local *local)
{
	struct plan_remote remote = *local->waiting;

	remote.rcpt.actions = local->rcpt.actions;
	remote.rcpt.filtered = local->rcpt.filtered;
	remote_add(p, &remote);
	local->queued = true;
}

/* A target is a lead of the first recipient that reaches it, and of one that has no other
 * lead: all leads would be recipients times members of their list. */
static void targets_add(const struct follow *f, size_t i, const struct resolved *r, bool several)
{
	const struct resolve_target *targets = r->targets;
	struct plan *p = f->p;
	const struct envelope_rcpt *rcpt = &p->m->envelope.rcpts[i];
	struct str domain = rcpt->address.domain, seal = seal_of(p, domain, r);
	bool led = false, passed_on = false;

	if (several)
		lead_add(p, i, PLAN_SEVERAL, false);
	for (size_t n = 0; n < r->count; n++) {
		bool listed = !mailaddr_is_null(&targets[n].owner);
		struct plan_remote remote = {
			.rcpt = remote_rcpt(f->a, rcpt, &targets[n], several),
			.from = return_path(f, r, domain, &targets[n]),
			.listed = listed,
			.quarantine = actions_quarantined(rcpt->actions),
			.seal = seal,
		};
		size_t locals = p->local_count;
		ptrdiff_t place;

		if (targets[n].account == 0) {
			remote_take(p, i, &targets[n], &remote);
			passed_on = passed_on || listed;
			continue;
		}
		place = local_add(p, &targets[n], rcpt);
		waiting_note(p, &p->locals[place], &remote);
		if ((p->local_count != locals || !led) && listed)
			member_add(p, i, place, &targets[n].owner);
		else if (p->local_count != locals || !led)
			lead_add(p, i, place, !several);
		led = true;
	}
	if (passed_on)
		lead_add(p, i, PLAN_LISTED, false);
}

/* The place among the locals of an address without targets. */
static ptrdiff_t lost_add(struct plan *p, const struct mailaddr *address, enum resolve_verdict why)
{
	/* a local address, so not among the remotes */
	ptrdiff_t place = place_note(p, 0, address, p->local_count);

	if (place != PLACE_NEW)
		return place;
	p->locals = list_room(p, p->locals, p->local_count, &p->local_cap, sizeof *p->locals);
	p->locals[p->local_count] = (struct plan_local){
		.address = mailaddr_dup(&p->arena, address),
		.refused = refusal_of(why),
	};
	return (ptrdiff_t)p->local_count++;
}

/* Some targets of the recipient do not exist. Errors of members are not reported to a
 * list's senders (RFC 5321 3.9.2). Remote senders whose mail has reached other targets
 * get no report either: otherwise each message to an alias with a dead target would cause
 * one, also to forged senders. The trace has all. */
static void lost_follow(struct plan *p, size_t i, const struct resolved *r)
{
	bool told = false;

	for (size_t n = 0; n < r->lost_count; n++) {
		ptrdiff_t place = lost_add(p, &r->lost[n].address, r->lost[n].why);

		if (p->m->envelope.submitter != 0 && !r->lost[n].member && !told)
			lead_add(p, i, place, false); /* one failure is reported */
		told = told || !r->lost[n].member;
	}
}

static enum err rcpt_follow(const struct follow *f, struct txn *t, size_t i)
{
	struct mailaddr rcpt = f->p->m->envelope.rcpts[i].address;
	struct resolve_target foreign = { .address = rcpt };
	struct resolve_config config = resolve_config(f->p->settings);
	struct resolved r;
	enum err e = directory_resolve(t, rcpt, &config, f->a, &r);

	if (e)
		return e;
	if (r.verdict == RESOLVE_FOREIGN) {
		r.targets = &foreign;
		r.count = 1;
	} else if (r.verdict != RESOLVE_OK) {
		lead_add(f->p, i, lost_add(f->p, &rcpt, r.verdict), true);
		return OK;
	}
	targets_add(f, i, &r, r.count + r.lost_count > 1 || r.list_count != 0);
	lost_follow(f->p, i, &r);
	return OK;
}

/* A message with a release time waits in the queue as one entry, and is resolved then: so
 * no target of several recipients gets a second copy. */
static bool is_for_later(const struct plan *p)
{
	return p->m->envelope.not_before_ms > clock_real_ms();
}

/* Quarantined mail is not held yet, because the local targets are known only later. */
static void rcpt_keep(struct plan *p, size_t i)
{
	const struct envelope_rcpt *rcpt = &p->m->envelope.rcpts[i];
	struct plan_remote remote = { .rcpt = { .address = rcpt->address,
		                                .orcpt = orcpt_of(&p->arena, rcpt),
		                                .notify = rcpt->notify,
		                                .actions = rcpt->actions },
		                      .from = p->m->envelope.sender };
	ptrdiff_t place = place_note(p, 0, &rcpt->address, p->remote_count);

	p->onward[i] = true;
	if (place == PLACE_NEW)
		remote_add(p, &remote);
	else
		actions_merge(&p->remotes[place].rcpt, rcpt);
}

static void keep_all(struct plan *p)
{
	p->later = true;
	for (size_t i = 0; i < p->m->envelope.rcpt_count; i++)
		rcpt_keep(p, i);
}

/* Local senders need no SRS; and a store without a key has none to decode. */
static enum err srs_begin(struct follow *f, struct txn *t)
{
	bool ours = true;
	enum err e = OK;

	if (f->p->settings->srs && f->p->m->envelope.sender.domain.n != 0)
		e = directory_is_local(t, f->p->m->envelope.sender.domain, &ours);
	if (e != OK || ours)
		return e;
	e = srs_key_get(t, f->key);
	f->srs = e == OK;
	return e == ERR_MISSING ? OK : e;
}

static enum err follow_begin(struct txn *t, void *arg)
{
	return srs_begin(arg, t);
}

enum err follow_redirect(struct plan *p, const struct plan_local *local,
                         const struct mailaddr *to, bool several, struct plan_remote *out)
{
	struct follow f = { .p = p, .a = &p->arena };
	const struct resolved by = { .alias = true };
	const struct resolve_target target = { .address = *to, .owner = local->owner };
	enum err e = store_read(p->d->store, follow_begin, &f);

	if (e)
		return e;
	*out = (struct plan_remote){
		.rcpt = remote_rcpt(f.a, &local->rcpt, &target, several),
		.from = return_path(&f, &by, local->address.domain, &target),
		.seal = seal_of(p, local->address.domain, &by),
	};
	return OK;
}

static enum err follow_all(struct txn *t, void *arg)
{
	struct arena a = { 0 };
	struct follow f = { .p = arg, .a = &a };
	enum err e = srs_begin(&f, t);

	for (size_t i = 0; e == OK && i < f.p->m->envelope.rcpt_count; i++) {
		e = rcpt_follow(&f, t, i);
		arena_reset(&a);
	}
	arena_deinit(&a);
	return e;
}

enum err follow_rcpts(struct plan *p)
{
	enum err e = OK;

	p->onward = arena_array(&p->arena, bool, p->m->envelope.rcpt_count);
	if (is_for_later(p))
		keep_all(p);
	else
		e = store_read(p->d->store, follow_all, p);
	map_deinit(&p->known);
	return e;
}
