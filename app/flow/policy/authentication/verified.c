/* flow/policy/authentication/verified.c: see verified.h. */
#include "flow/policy/authentication/verified.h"

#include "flow/policy/authentication/authentication_private.h"
#include "flow/policy/run.h"
#include "formats/mailauth/authres.h"
#include "foundation/base/arena.h"

enum { RESULTS_MAX = 12 << 10, FIELD_MAX = 16 << 10 };

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
	if (!mailaddr_is_null(&s->envelope.sender)) {
		authres_method(r, "spf", spf_result_text(v->spf_mail.result));
		authres_comment(r, v->spf_mail.why);
		authres_property(r, "smtp.mailfrom", mailaddr_text(&a, &s->envelope.sender));
	}
	arena_deinit(&a);
}

/* RFC 8601 2.7.1, RFC 6008 4 */
static void signature_put(struct authres *r, const struct policy_signature *x, bool brief)
{
	authres_method(r, "dkim", dkim_result_text(x->result));
	authres_comment(r, x->testing ? STR("only trying") : x->why);
	if (brief)
		return;
	authres_property(r, "header.d", x->domain);
	authres_property(r, "header.i", x->identity);
	authres_property(r, "header.s", x->selector);
	authres_property(r, "header.a", x->algorithm);
	authres_property(r, "header.b", x->begins);
	/* what flow/reports_in/proof.c reads; RFC 8601 2.3 has the type */
	authres_property(r, "policy.service", x->tls_report ? STR("tlsrpt") : STR_EMPTY);
	authres_property(r, "policy.testing", x->testing ? STR("y") : STR_EMPTY);
}

static void dkim_put(struct authres *r, const struct policy_verified *v, bool brief)
{
	if (v == NULL || !v->dkim)
		return;
	for (size_t i = 0; i < v->signature_count; i++)
		signature_put(r, &v->signatures[i], brief);
	if (v->signature_count == 0)
		authres_method(r, "dkim", dkim_result_text(DKIM_NONE));
	if (v->arc != ARC_NONE) { /* RFC 8617 10.1 */
		authres_method(r, "arc", arc_result_text(v->arc));
		authres_comment(r, v->arc_why);
	}
}

/* RFC 7489 11.1 */
static void dmarc_put(struct authres *r, const struct policy_verified *v)
{
	const struct dmarc_verdict *d;

	if (v == NULL || !v->dmarc)
		return;
	d = &v->dmarc_verdict;
	authres_method(r, "dmarc", str_of(dmarc_result_name(d->result)));
	authres_comment(r, d->why);
	authres_property(r, "header.from", v->author);
	if (d->result == DMARC_PASS || d->result == DMARC_FAIL)
		authres_property(r, "policy.dmarc", str_of(dmarc_policy_name(d->policy)));
}

static void methods_put(struct buf *out, const struct policy_session *s, bool brief)
{
	struct authres r;

	authres_begin(&r, out, s->hostname);
	iprev_put(&r, s);
	spf_put(&r, s);
	dkim_put(&r, s->verified, brief);
	dmarc_put(&r, s->verified);
	if (s->verified != NULL)
		policy_bimi_result_put(&r, s->verified);
	authres_end(&r);
}

/* The value after the colon, with the line end. Signatures are reduced to their results
 * if details are too long, since later readers depend on this field. */
static void results_put(struct buf *out, const struct policy_session *s)
{
	struct buf b;

	buf_init(&b, RESULTS_MAX);
	methods_put(&b, s, false);
	if (!buf_ok(&b)) {
		buf_reset(&b);
		methods_put(&b, s, true);
	}
	if (buf_ok(&b))
		buf_put(out, buf_str(&b));
	buf_deinit(&b);
}

static struct str results_make(struct policy_session *s)
{
	struct str text = STR_EMPTY;
	struct buf field;

	if (s->iprev == NULL && s->verified == NULL)
		return STR_EMPTY;
	buf_init(&field, FIELD_MAX);
	buf_put(&field, STR("Authentication-Results: "));
	results_put(&field, s);
	if (s->verified != NULL)
		policy_bimi_field_put(&field, s->verified);
	if (buf_ok(&field)) /* always true: the contents are limited */
		text = str_dup(&s->mail_arena, buf_str(&field));
	buf_deinit(&field);
	return text;
}

struct str policy_results(struct policy_session *s)
{
	struct str *made;

	if (s->results == NULL) {
		made = arena_new(&s->mail_arena, struct str);
		*made = results_make(s);
		s->results = made;
	}
	return *s->results;
}

struct str policy_results_of(struct policy_run *r)
{
	return policy_results(r->session);
}

const struct arc_arrival *policy_verified_arrival(struct policy_session *s)
{
	const struct policy_verified *v = s->verified;
	struct arc_arrival *arrival = NULL;
	struct buf results;

	if (v == NULL || !v->dkim || v->arc_unanswered || s->account != 0)
		return NULL;
	buf_init(&results, FIELD_MAX);
	results_put(&results, s);
	if (buf_ok(&results)) { /* without the line end */
		arrival = arena_new(&s->mail_arena, struct arc_arrival);
		arrival->results =
			str_dup(&s->mail_arena, str_sub(buf_str(&results), 0, results.n - 2));
		arrival->chain = v->arc;
	}
	buf_deinit(&results);
	return arrival;
}
