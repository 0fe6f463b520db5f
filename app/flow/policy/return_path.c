/* flow/policy/return_path.c: see return_path.h. */
#include "flow/policy/return_path.h"

#include "flow/policy/authentication/verified.h"
#include "flow/policy/policy.h"
#include "formats/mailauth/psl.h"
#include "formats/message/dsn.h"
#include "foundation/base/arena.h"

static bool is_same_organization(struct str one, struct str other)
{
	struct str organization = psl_organization(one);

	return str_eqi(one, other) ||
	       (organization.n != 0 && str_eqi(organization, psl_organization(other)));
}

enum return_path return_path_judge(const struct policy_session *s, const struct mailaddr *from)
{
	const struct policy_verified *v = s->verified;
	bool same = str_eqi(from->domain, s->envelope.sender.domain);
	struct arena a = { 0 };
	struct str domain;
	bool by_dmarc = false, denied_by_dmarc = false;

	if (s->role != POLICY_MX || s->account != 0)
		return RETURN_PATH_PROVEN;
	if (v == NULL)
		return RETURN_PATH_UNPROVEN;
	if (v->spf && same && v->spf_mail.result == SPF_PASS)
		return RETURN_PATH_PROVEN;
	domain = mailaddr_domain_normal(&a, from->domain);
	if (v->dmarc && is_same_organization(domain, v->author)) {
		by_dmarc = v->dmarc_verdict.result == DMARC_PASS;
		denied_by_dmarc = v->dmarc_verdict.result == DMARC_FAIL &&
		                  v->dmarc_verdict.disposition != DMARC_POLICY_NONE;
	}
	arena_deinit(&a);
	if (by_dmarc)
		return RETURN_PATH_PROVEN;
	if (denied_by_dmarc || (v->spf && same && v->spf_mail.result == SPF_FAIL))
		return RETURN_PATH_FORGED;
	return RETURN_PATH_UNPROVEN;
}

/* If no allowed report is left, the result is none instead of the default. */
static unsigned notify_left(enum return_path path, unsigned notify)
{
	unsigned left = notify & ~(unsigned)(DSN_SUCCESS | DSN_DELAY);

	if (path == RETURN_PATH_FORGED)
		return DSN_NEVER;
	return notify != 0 && left == 0 ? DSN_NEVER : left;
}

void return_path_apply(enum return_path path, struct arena *a, struct envelope *e)
{
	struct envelope_rcpt *rcpts;

	if (path == RETURN_PATH_PROVEN)
		return;
	rcpts = arena_array(a, struct envelope_rcpt, e->rcpt_count);
	for (size_t i = 0; i < e->rcpt_count; i++) {
		rcpts[i] = e->rcpts[i];
		rcpts[i].notify = notify_left(path, rcpts[i].notify);
	}
	e->rcpts = rcpts;
	e->by_trace = false;
	if (e->by_mode == ENVELOPE_BY_NOTIFY)
		e->by_mode = ENVELOPE_BY_NONE;
}
