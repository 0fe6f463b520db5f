/* flow/delivery/report.c: see report.h. */
#include "flow/delivery/report.h"

#include "flow/delivery/refusal.h"
#include "formats/message/header.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/settings.h"
#include "model/queue/dsn/bounce.h"
#include "model/queue/entry.h"

enum { REPORT_MAX = 256 << 10, REPORT_RCPT_MAX = 32 << 10 };

static size_t refused_count(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->local_count; i++)
		n += p->locals[i].refused != NULL;
	return n;
}

/* --- recipients of the report ------------------------------------------------------- */

/* Recipients of the report: those of the envelope as the sender wrote them; targets of an
 * alias are not revealed (RFC 3461 6.3 (e)). */
struct told {
	struct bounce_rcpt *rcpts; /* NULL: only count them */
	size_t count;
	bool failed;
	const struct mailaddr *last_failed; /* address of the last failed one */
};

static void told_add(struct told *told, struct arena *a, const struct plan *about, size_t rcpt,
                     enum bounce_action action, const struct plan_local *failed)
{
	const struct envelope_rcpt *from = &about->m->envelope.rcpts[rcpt];
	struct envelope_rcpt *who;

	told->failed = told->failed || action == BOUNCE_FAILED;
	told->last_failed = action == BOUNCE_FAILED ? envelope_rcpt_written(from) : NULL;
	if (told->rcpts == NULL) {
		told->count++;
		return;
	}
	who = arena_new(a, struct envelope_rcpt);
	*who = *from;
	who->address = *envelope_rcpt_written(from);
	told->rcpts[told->count++] = (struct bounce_rcpt){
		.rcpt = who,
		.action = action,
		.reply = failed != NULL ? *failed->refused : (struct envelope_reply){ 0 },
		.reason = failed != NULL ? failed->reason : STR_EMPTY,
	};
}

/* Leads of one recipient are adjacent: did the previous one report the same failure? */
static bool was_told(const struct told *told, const struct plan *about, size_t rcpt)
{
	return told->last_failed != NULL &&
	       mailaddr_equal(told->last_failed,
	                      envelope_rcpt_written(&about->m->envelope.rcpts[rcpt]));
}

/* The sender of quarantined remote mail may be forged: no report. */
static bool is_doubtful(const struct delivery_message *m, size_t rcpt)
{
	return m->envelope.submitter == 0 &&
	       actions_quarantined(m->envelope.rcpts[rcpt].actions).n != 0;
}

static void lead_tell(struct told *told, struct arena *a, const struct plan *about,
                      const struct plan_lead *lead)
{
	unsigned notify = about->m->envelope.rcpts[lead->rcpt].notify;
	bool success = (notify & DSN_SUCCESS) != 0;

	if (lead->local == PLAN_LISTED || !mailaddr_is_null(&lead->owner) ||
	    is_doubtful(about->m, lead->rcpt) ||
	    (lead->local >= 0 && about->locals[lead->local].queued))
		return;
	if (lead->local == PLAN_SEVERAL) {
		if (success)
			told_add(told, a, about, lead->rcpt, BOUNCE_EXPANDED, NULL);
	} else if (about->locals[lead->local].refused != NULL) {
		if ((notify == 0 || (notify & DSN_FAILURE)) && !was_told(told, about, lead->rcpt))
			told_add(told, a, about, lead->rcpt, BOUNCE_FAILED,
			         &about->locals[lead->local]);
	} else if (success && lead->alone) {
		told_add(told, a, about, lead->rcpt, BOUNCE_DELIVERED, NULL);
	}
}

static void told_make(struct told *told, struct arena *a, const struct plan *about)
{
	*told = (struct told){ 0 };
	for (size_t i = 0; i < about->lead_count; i++)
		lead_tell(told, a, about, &about->leads[i]);
	if (told->count == 0)
		return;
	*told = (struct told){ .rcpts = arena_array(a, struct bounce_rcpt, told->count) };
	for (size_t i = 0; i < about->lead_count; i++)
		lead_tell(told, a, about, &about->leads[i]);
}

/* Is it a local member that does not get it, so that the list's owner gets a report? */
static bool is_owners(const struct plan *about, const struct plan_lead *lead)
{
	const struct plan_local *l;

	if (mailaddr_is_null(&lead->owner) || is_doubtful(about->m, lead->rcpt))
		return false;
	l = &about->locals[lead->local];
	return l->refused != NULL && !l->queued;
}

static bool is_of(const struct plan *about, const struct plan_lead *lead,
                  const struct mailaddr *owner)
{
	return is_owners(about, lead) && mailaddr_equal(&lead->owner, owner);
}

/* The members themselves, since an owner may see them. */
static void told_owner(struct told *told, struct arena *a, const struct plan *about,
                       const struct mailaddr *owner)
{
	size_t count = 0;

	for (size_t i = 0; i < about->lead_count; i++)
		count += is_of(about, &about->leads[i], owner);
	*told = (struct told){ .rcpts = arena_array(a, struct bounce_rcpt, count), .failed = true };
	for (size_t i = 0; i < about->lead_count; i++) {
		const struct plan_lead *lead = &about->leads[i];
		struct envelope_rcpt *who;

		if (!is_of(about, lead, owner))
			continue;
		who = arena_new(a, struct envelope_rcpt);
		who->address = about->locals[lead->local].address;
		told->rcpts[told->count++] = (struct bounce_rcpt){
			.rcpt = who,
			.action = BOUNCE_FAILED,
			.reply = *about->locals[lead->local].refused,
			.reason = about->locals[lead->local].reason,
		};
	}
}

/* --- the message ---------------------------------------------------------------------- */

/* A report to an owner ignores the sender's requests. */
static void raw_make(struct report *r, const struct plan *about, const struct told *told)
{
	const struct delivery_message *m = about->m;
	bool own = mailaddr_equal(&r->to.address, &m->envelope.sender);
	struct queue_item item = { .envelope = m->envelope, .created_ms = clock_real_ms() };
	struct bounce b = {
		.item = &item,
		.rcpts = told->rcpts,
		.rcpt_count = told->count,
		.original = m->body,
		.hostname = about->settings->hostname,
		.now_ms = item.created_ms,
	};

	item.envelope.sender = r->to.address;
	if (!own) {
		item.envelope.flags &= ~(unsigned)ENVELOPE_RET_FULL;
		item.envelope.envid = STR_EMPTY;
		item.envelope.by_mode = ENVELOPE_BY_NONE;
	}
	b.original_whole = bounce_wants_all(&item, told->failed) && m->body.n <= BOUNCE_FULL_MAX;
	if (!b.original_whole)
		b.original.n = header_size(m->body);
	buf_init(&r->raw, REPORT_MAX + 4 * b.original.n + b.rcpt_count * REPORT_RCPT_MAX);
	bounce_put(&r->raw, &b, &r->m.envelope.flags);
}

static void one_deinit(struct report *r)
{
	if (!r->made)
		return;
	r->made = false;
	plan_deinit(&r->plan);
	buf_deinit(&r->raw);
}

static enum err report_plan(struct report *r, const struct plan *about, struct why *why)
{
	enum err e;

	r->made = true;
	r->m.envelope.session.service = STR("report");
	r->m.ours = true;
	r->m.envelope.rcpts = &r->to;
	r->m.envelope.rcpt_count = 1;
	r->m.body = buf_str(&r->raw);
	r->m.envelope.priority = about->m->envelope.priority; /* RFC 6710 4.6 */
	e = plan_make(&r->plan, about->d, &r->m, why);
	if (e == ERR_MISSING || e == ERR_DENIED) { /* the recipient is refused */
		one_deinit(r);
		return OK;
	}
	return e;
}

/* to lives as long as about */
static enum err one_make(struct report *r, const struct plan *about, const struct told *told,
                         const struct mailaddr *to, struct why *why)
{
	r->to.address = *to;
	if (told->count == 0)
		return OK;
	raw_make(r, about, told);
	return report_plan(r, about, why);
}

static bool is_made(const struct report *owners, const struct mailaddr *owner)
{
	for (; owners != NULL; owners = owners->next)
		if (mailaddr_equal(&owners->to.address, owner))
			return true;
	return false;
}

static enum err owners_make(struct report *r, const struct plan *about, struct arena *a,
                            struct why *why)
{
	enum err e = OK;
	size_t count = 0;

	for (size_t i = 0; e == OK && i < about->lead_count && count < REPORT_OWNERS_MAX; i++) {
		const struct plan_lead *lead = &about->leads[i];
		struct report *one;
		struct told told;

		if (!is_owners(about, lead) || is_made(r->next, &lead->owner))
			continue;
		count++;
		one = NEW(struct report);
		one->next = r->next;
		r->next = one;
		told_owner(&told, a, about, &lead->owner);
		e = one_make(one, about, &told, &lead->owner, why);
	}
	return e;
}

enum err report_make(struct report *r, const struct plan *about, struct why *why)
{
	struct arena a = { 0 };
	struct told told;
	enum err e;

	*r = (struct report){ .refused = refused_count(about) };
	if (mailaddr_is_null(&about->m->envelope.sender))
		return OK;
	told_make(&told, &a, about);
	e = one_make(r, about, &told, &about->m->envelope.sender, why);
	if (e == OK)
		e = owners_make(r, about, &a, why);
	arena_deinit(&a);
	return e;
}

bool report_covers(const struct report *r, const struct plan *about)
{
	return r->refused == refused_count(about);
}

/* A report to a full mailbox is dropped: it has no sender. */
enum err report_put(struct report *r, struct txn *t)
{
	enum err full = OK;

	for (; r != NULL; r = r->next) {
		enum err e = r->made && plan_any(&r->plan) ? plan_put(&r->plan, t) : OK;

		if (e == ERR_LIMIT)
			full = e; /* find the others in the same round: plan_put */
		else if (e)
			return e;
	}
	return full;
}

enum err report_again(struct report *r, struct why *why)
{
	enum err e = OK;

	for (; e == OK && r != NULL; r = r->next)
		if (r->made)
			e = plan_again(&r->plan, why);
	return e;
}

void report_deinit(struct report *r)
{
	while (r->next != NULL) {
		struct report *one = r->next;

		r->next = one->next;
		one_deinit(one);
		mem_free(one);
	}
	one_deinit(r);
	*r = (struct report){ 0 };
}
