/* policy/verified.c: see verified.h. */
#include "policy/verified.h"

#include "base/arena.h"
#include "mailauth/authres.h"
#include "policy/run.h"

enum { FIELD_MAX = 16 << 10 };

struct policy_verified *policy_verified(struct policy_run *r)
{
	struct policy_session *s = r->session;

	if (s->verified == NULL)
		s->verified = arena_new(&s->mail_arena, struct policy_verified);
	return s->verified;
}

/* --- the field ------------------------------------------------------------------------------ */

static void iprev_put(struct authres *r, const struct policy_session *s)
{
	if (s->iprev == NULL)
		return;
	authres_method(r, "iprev", str_of(s->iprev));
	authres_comment(r, s->peer_name);
	authres_property(r, "policy.iprev", s->peer_text);
}

static void spf_put(struct authres *r, const struct policy_session *s)
{
	const struct policy_verified *v = s->verified;
	struct arena a = { 0 };

	if (v == NULL || !v->spf)
		return;
	authres_method(r, "spf", spf_result_text(v->spf_helo.result));
	authres_comment(r, v->spf_helo.why);
	authres_property(r, "smtp.helo", s->helo);
	if (!mailaddr_is_null(&s->from)) {
		authres_method(r, "spf", spf_result_text(v->spf_mail.result));
		authres_comment(r, v->spf_mail.why);
		authres_property(r, "smtp.mailfrom", mailaddr_text(&a, &s->from));
	}
	arena_deinit(&a);
}

void policy_verified_put(struct buf *out, const struct policy_session *s)
{
	struct authres r;
	struct buf field;

	if (s->iprev == NULL && s->verified == NULL)
		return;
	buf_init(&field, FIELD_MAX);
	buf_put(&field, STR("Authentication-Results: "));
	authres_begin(&r, &field, s->hostname);
	iprev_put(&r, s);
	spf_put(&r, s);
	authres_end(&r);
	if (buf_ok(&field)) /* it cannot be that long: what is in it is limited */
		buf_put(out, buf_str(&field));
	buf_deinit(&field);
}
