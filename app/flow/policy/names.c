/* flow/policy/names.c: see policy_private.h. */
#include "flow/policy/policy_private.h"

#include "flow/policy/task.h"
#include "flow/policy/words.h"
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"

static const char *const switches[] = { "off", "on", NULL };
static const char *const helo_levels[] = { "off", "basic", "name", "resolves", NULL };
enum { HELO_OFF, HELO_BASIC, HELO_NAME, HELO_RESOLVES };

/* Authenticated users and private addresses are exempt. */
static bool stranger(const struct policy_session *s)
{
	return s->account == 0 && !addr_is_private(&s->peer);
}

/* --- HELO --------------------------------------------------------------------------------- */

struct helo {
	struct policy_task task;
	enum dns_status status;
};

enum policy_need helo_need(const struct policy_run *r)
{
	unsigned level = policy_level_only(policy_settings(r)->helo_check, helo_levels);

	if (level == HELO_OFF || !stranger(policy_of(r)))
		return POLICY_NO;
	return level == HELO_RESOLVES ? POLICY_SLOW : POLICY_QUICK;
}

static void helo_ask(struct policy_task *task)
{
	struct helo *h = container_of(task, struct helo, task);
	struct str name = policy_of(task->run)->helo;
	struct dns_addr_list addrs;
	struct dns_mx_list mx;

	h->status = dns_addresses(policy_dns(task->run), &task->arena, name, DNS_V4 | DNS_V6,
	                          policy_dns_deadline_ms(task->run), &addrs);
	if (dns_missing(h->status))
		h->status = dns_mx(policy_dns(task->run), &task->arena, name,
		                   policy_dns_deadline_ms(task->run), &mx);
}

static bool is_literal(struct str helo)
{
	return helo.n != 0 && helo.p[0] == '[';
}

void helo_start(struct policy_run *r)
{
	struct helo *h;

	if (is_literal(policy_of(r)->helo))
		return;
	h = arena_new(policy_arena(r), struct helo);
	policy_keep(r, h);
	policy_task(r, &h->task, helo_ask);
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]"			RFC 5321 4.1.3 */
static bool literal_is(struct str helo, const struct addr *peer)
{
	struct str inner = str_sub(helo, 1, helo.n - (str_ends(helo, STR("]")) ? 1 : 0));
	struct addr ip;

	if (str_startsi(inner, STR("IPv6:")))
		inner = str_sub(inner, 5, inner.n);
	return addr_parse_ip(inner, &ip) && addr_eq_ip(&ip, peer);
}

static const char *fault_of(const struct policy_session *s, unsigned level)
{
	/* A trailing dot does not change the name. */
	struct str name = str_sub(s->helo, 0, s->helo.n - (str_ends(s->helo, STR(".")) ? 1 : 0));

	if (is_literal(s->helo))
		return literal_is(s->helo, &s->peer) ? NULL : "that address is not yours";
	if (str_eqi(name, s->hostname))
		return "that name is mine";
	if (str_eqi(name, STR("localhost")) || str_startsi(name, STR("localhost.")))
		return "you are not on this machine";
	if (level >= HELO_NAME && str_find_byte(name, '.') < 0)
		return "that is no full name";
	return NULL;
}

/* RFC 5321 4.1.4: an address literal that is not the peer's is no reason to refuse,
 * because servers behind a NAT do not know theirs. Only a level above the default refuses
 * it. */
static struct policy_answer verdict_of(const struct policy_level *level, struct str helo)
{
	struct policy_answer tag = { .kind = POLICY_TAG };

	return level->level == HELO_BASIC && is_literal(helo) ? tag : level->verdict;
}

void helo_run(struct policy_run *r)
{
	struct policy_level level =
		policy_level_of(policy_settings(r)->helo_check, policy_arena(r), helo_levels);
	const struct policy_session *s = policy_of(r);
	const char *fault = fault_of(s, level.level);
	const struct policy_answer verdict = verdict_of(&level, s->helo);
	const struct helo *h = policy_kept(r);

	if (fault != NULL) {
		policy_say(r, &verdict, "HELO %.*s: %s", STR_ARG(str_sub(s->helo, 0, 100)),
		           fault);
		return;
	}
	if (level.level != HELO_RESOLVES || is_literal(s->helo))
		return;
	policy_tasks_wait(r);
	if (h->status == DNS_RETRY)
		policy_failed(r, "%.*s could not be looked up", STR_ARG(s->helo));
	else if (h->status != DNS_OK)
		policy_say(r, &level.verdict, "HELO %.*s: no such name in DNS",
		           STR_ARG(str_sub(s->helo, 0, 100)));
}

/* --- the sender's domain ------------------------------------------------------------------- */

struct sender {
	struct policy_task task;
	enum dns_status status;
	bool null_mx;
};

enum policy_need sender_need(const struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);

	if (!stranger(s) || s->envelope.sender.domain.n == 0 ||
	    is_literal(s->envelope.sender.domain))
		return POLICY_NO;
	return policy_level_only(policy_settings(r)->sender_domain, switches) != 0 ? POLICY_SLOW
	                                                                           : POLICY_NO;
}

static void sender_ask(struct policy_task *task)
{
	struct sender *x = container_of(task, struct sender, task);
	struct str domain = policy_of(task->run)->envelope.sender.domain;
	struct dns_addr_list addrs;
	struct dns_mx_list mx;

	x->status = dns_mx(policy_dns(task->run), &task->arena, domain,
	                   policy_dns_deadline_ms(task->run), &mx);
	x->null_mx = mx.count == 1 && mx.items[0].host.n == 0; /* RFC 7505 3 */
	if (x->status == DNS_NODATA) /* RFC 5321 5.1: the domain is its own MX */
		x->status = dns_addresses(policy_dns(task->run), &task->arena, domain,
		                          DNS_V4 | DNS_V6, policy_dns_deadline_ms(task->run),
		                          &addrs);
}

void sender_start(struct policy_run *r)
{
	struct sender *x = arena_new(policy_arena(r), struct sender);

	policy_keep(r, x);
	policy_task(r, &x->task, sender_ask);
}

void sender_run(struct policy_run *r)
{
	struct policy_level level =
		policy_level_of(policy_settings(r)->sender_domain, policy_arena(r), switches);
	struct str domain = policy_of(r)->envelope.sender.domain;
	const struct sender *x = policy_kept(r);
	struct policy_answer verdict;

	policy_tasks_wait(r);
	if (x->status == DNS_RETRY) {
		policy_failed(r, "%.*s could not be looked up", STR_ARG(domain));
		return;
	}
	/* DNS_BADNAME: a name with characters that DNS does not allow. */
	if ((x->status == DNS_OK && !x->null_mx) || x->status == DNS_BADNAME)
		return;
	/* RFC 7505 4.2; RFC 3463 3.2 */
	verdict = policy_usually(level.verdict, 550, x->null_mx ? "5.7.27" : "5.1.8");
	policy_say(r, &verdict, "%.*s %s", STR_ARG(domain),
	           x->null_mx ? "takes no mail" : "is no domain that takes mail");
}

/* --- settings ------------------------------------------------------------------------------- */

enum err policy_names_check(const struct settings *s, struct why *why)
{
	const struct {
		const char *variable;
		struct str text;
		const char *const *names;
	} rows[] = {
		{ "ROOST_HELO_CHECK", s->helo_check, helo_levels },
		{ "ROOST_SENDER_DOMAIN", s->sender_domain, switches },
	};
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(rows); i++)
		e = policy_level_check(rows[i].text, rows[i].names, rows[i].variable, why);
	return e;
}
