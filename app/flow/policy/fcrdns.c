/* flow/policy/fcrdns.c: see policy_private.h. */
#include "flow/policy/policy_private.h"

#include "flow/policy/access/access.h"
#include "flow/policy/authentication/later.h"
#include "flow/policy/stages/stage_programs.h"
#include "flow/policy/task.h"
#include "flow/policy/words.h"
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"

enum { PTR_NAMES_MAX = 10 };

static const char *const levels[] = { "off", "record", "on", NULL };
enum { LEVEL_OFF, LEVEL_RECORD, LEVEL_ON };

/* Result for a peer. */
struct found {
	struct addr peer;
	enum dns_status status;
	bool named, confirmed;
	struct str name; /* that resolves back to the address */
};

/* A query of this stage, or one collected from an earlier stage. */
struct asking {
	struct policy_task task;
	struct policy_later *later; /* NULL: it runs now */
	struct found found;
};

/* --- which sessions -------------------------------------------------------------------------- */

/* Does no stage before END use the name? Rules added later apply to the next session. */
static bool can_be_later(const struct policy_run *r)
{
	const struct settings *s = policy_settings(r);

	return policy_level_only(s->fcrdns, levels) == LEVEL_RECORD && s->milters.n == 0 &&
	       !access_looks_at_names(r) && !stage_programs_use(r, STAGE_USES_NAME);
}

/* Authenticated users, private addresses and sessions accepted earlier are exempt. */
static bool fcrdns_concerns(const struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);

	return s->iprev == NULL && s->account == 0 && !addr_is_private(&s->peer) &&
	       policy_level_only(policy_settings(r)->fcrdns, levels) != LEVEL_OFF &&
	       !(policy_stage(r) == POLICY_CONNECT && policy_let_be(r));
}

enum policy_need fcrdns_need(const struct policy_run *r)
{
	bool last = policy_stage(r) == POLICY_END;
	struct policy_later *x;

	if (!fcrdns_concerns(r))
		return POLICY_NO;
	if (policy_stage(r) == POLICY_CONNECT)
		return can_be_later(r) && policy_later_room(r) ? POLICY_NO : POLICY_SLOW;
	x = policy_state_of(r);
	if (x == NULL) /* no thread was free */
		return last && can_be_later(r) && !policy_let_be(r) ? POLICY_SLOW : POLICY_NO;
	return policy_later_landed(x) ? POLICY_QUICK : last ? POLICY_SLOW : POLICY_NO;
}

/* --- queries --------------------------------------------------------------------------------- */

/* Context of the queries. */
struct way {
	struct dns *dns;
	struct arena *a;
	int64_t deadline_ms; /* of all queries */
};

static int64_t question_ms(const struct way *w)
{
	return MIN(clock_mono_ms() + LIMIT_policy_dns_ms, w->deadline_ms);
}

static bool confirms(struct found *f, const struct way *w, struct str name, int64_t deadline_ms)
{
	unsigned family = f->peer.family == ADDR_V4 ? DNS_V4 : DNS_V6;
	struct dns_addr_list addrs;

	if (dns_addresses(w->dns, w->a, name, family, deadline_ms, &addrs) == DNS_RETRY)
		f->status = DNS_RETRY;
	for (size_t i = 0; i < addrs.count; i++)
		if (addr_eq_ip(&addrs.items[i], &f->peer))
			return true;
	return false;
}

/* The client controls the names and their name servers. Each name gets only its share of
 * the time, so that one dead server does not prevent the other lookups. */
static void names_try(struct found *f, const struct way *w, const struct dns_text_list *names)
{
	int64_t end_ms = question_ms(w);
	size_t n = MIN(names->count, (size_t)PTR_NAMES_MAX);

	for (size_t i = 0; i < n && !f->confirmed; i++) {
		int64_t now_ms = clock_mono_ms(), share_ms = (end_ms - now_ms) / (int64_t)(n - i);

		f->confirmed = confirms(f, w, names->items[i], now_ms + share_ms);
		if (f->confirmed)
			f->name = names->items[i];
	}
}

static void fcrdns_lookup(struct found *f, const struct way *w)
{
	struct dns_text_list names;

	*f = (struct found){ .peer = f->peer };
	f->status = dns_ptr(w->dns, w->a, &f->peer, question_ms(w), &names);
	f->named = names.count != 0;
	names_try(f, w, &names);
}

static void look_later(struct policy_later *x)
{
	fcrdns_lookup(x->what, &(struct way){ x->dns, &x->arena, x->deadline_ms });
}

void fcrdns_later(struct policy_run *r)
{
	struct policy_later *x;
	struct found *f;

	if (!fcrdns_concerns(r) || !can_be_later(r))
		return;
	x = policy_later_new(r, look_later);
	x->what = f = arena_new(&x->arena, struct found);
	f->peer = policy_of(r)->peer;
	policy_later_go(&x);
	*policy_state(r) = x;
}

static void fcrdns_query(struct policy_task *task)
{
	struct asking *x = container_of(task, struct asking, task);
	int64_t deadline_ms = policy_deadline_ms(task->run);

	if (x->later == NULL)
		fcrdns_lookup(&x->found, &(struct way){ task->dns, &task->arena, deadline_ms });
	else
		(void)policy_later_wait(x->later, deadline_ms);
}

void fcrdns_start(struct policy_run *r)
{
	struct asking *x = arena_new(policy_arena(r), struct asking);

	x->found.peer = policy_of(r)->peer;
	x->found.status = DNS_RETRY;
	x->later = policy_state_of(r);
	policy_keep(r, x);
	policy_task(r, &x->task, fcrdns_query);
}

/* --- results --------------------------------------------------------------------------------- */

/* The query of this stage, or a finished one. Empty if a thread became free only after
 * the stage had begun. */
static struct found found_get(struct policy_run *r)
{
	struct policy_later *later = policy_state_of(r);

	if (later == NULL && policy_kept(r) == NULL)
		fcrdns_start(r);
	policy_tasks_wait(r);
	if (later == NULL)
		return ((struct asking *)policy_kept(r))->found;
	if (!policy_later_landed(later))
		return (struct found){ .status = DNS_RETRY };
	return *(struct found *)later->what;
}

/* RFC 8601 2.7.3; no name published: permerror. */
static const char *iprev_of(const struct found *f)
{
	if (f->confirmed)
		return "pass";
	return f->status == DNS_RETRY ? "temperror" : f->named ? "fail" : "permerror";
}

void fcrdns_run(struct policy_run *r)
{
	struct policy_level level =
		policy_level_of(policy_settings(r)->fcrdns, policy_arena(r), levels);
	const struct found f = found_get(r);
	struct str peer = policy_of(r)->peer_text;
	const char *fault;

	policy_named(r, iprev_of(&f), f.name);
	if (f.confirmed)
		return;
	fault = f.named ? "has no name in DNS that leads back to it" : "has no name in DNS";
	if (f.status == DNS_RETRY)
		policy_failed(r, "the name of %.*s could not be looked up", STR_ARG(peer));
	else if (level.level == LEVEL_RECORD)
		policy_found(r, "%.*s %s", STR_ARG(peer), fault);
	else
		policy_say(r, &level.verdict, "%.*s %s", STR_ARG(peer), fault);
}

void fcrdns_end(struct policy *p, struct policy_session *s, void **state)
{
	struct policy_later *x = *state;

	(void)p;
	(void)s;
	policy_later_leave(&x);
	*state = NULL;
}

enum err fcrdns_setting_check(struct str text, struct why *why)
{
	return policy_level_check(text, levels, "ROOST_FCRDNS", why);
}
