/* formats/mailauth/spf.c: check_host() (RFC 7208 4); see spf.h.
 *
 * Records include each other, with a maximum depth: a stack of frames, not recursion. */
#include "formats/mailauth/spf_match.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "network/dns/dns.h"

enum { LABEL_MAX = 63, DOMAIN_MAX = 253 };

struct str spf_result_text(enum spf_result result)
{
	static const struct str names[SPF_RESULTS] = {
		[SPF_NONE] = STR("none"),           [SPF_NEUTRAL] = STR("neutral"),
		[SPF_PASS] = STR("pass"),           [SPF_FAIL] = STR("fail"),
		[SPF_SOFTFAIL] = STR("softfail"),   [SPF_TEMPERROR] = STR("temperror"),
		[SPF_PERMERROR] = STR("permerror"),
	};

	return names[result];
}

/* --- records -------------------------------------------------------------------------------- */

/* RFC 7208 4.3: a name of at least two labels, none empty or too long. */
static bool domain_check(struct str domain)
{
	size_t labels = 0;

	if (domain.n > DOMAIN_MAX)
		return false;
	for (size_t i = 0, from = 0; i <= domain.n; i++)
		if (i == domain.n || domain.p[i] == '.') {
			if (i == from || i - from > LABEL_MAX)
				return false;
			labels++;
			from = i + 1;
		}
	return labels > 1 && domain.p[0] != '[';
}

static bool is_ascii(struct str s)
{
	struct cur c = cur_of(s);

	return cur_ascii(&c).n == s.n;
}

int64_t spf_question_end(const struct spf_check *c)
{
	const struct spf_query *q = c->q;

	return q->question_ms != 0 ? MIN(q->deadline_ms, clock_mono_ms() + q->question_ms)
	                           : q->deadline_ms;
}

/* The one record of a domain (RFC 7208 4.5). SPF_PASS: text is set. */
static enum spf_result record_find(struct spf_check *c, struct str domain, struct str *text)
{
	struct dns_text_list list;
	enum dns_status s = dns_txt(c->q->dns, c->a, domain, spf_question_end(c), &list);
	size_t n = 0;

	if (s == DNS_RETRY)
		return spf_temperror(c, domain);
	for (size_t i = 0; s == DNS_OK && i < list.count; i++)
		if (spf_record_is(list.items[i])) {
			*text = list.items[i];
			n++;
		}
	c->why = str_fmt(c->a, "%.*s has %s", STR_ARG(domain),
	                 n == 0 ? "no SPF record" : "more than one SPF record");
	return n == 0 ? SPF_NONE : n == 1 ? SPF_PASS : SPF_PERMERROR;
}

/* Parse the record of f's domain. SPF_PASS: it is valid. */
static enum spf_result frame_take(struct spf_check *c, struct spf_frame *f, struct str text)
{
	struct why why = { "" };

	if (!is_ascii(text)) /* RFC 7208 3.1 */
		return spf_permerror(
			c, str_fmt(c->a, "the record of %.*s is not ASCII", STR_ARG(f->domain)));
	if (spf_record_parse(text, c->a, &f->record, &why) != OK)
		return spf_permerror(c, str_fmt(c->a, "in the record of %.*s %s",
		                                STR_ARG(f->domain), why.text));
	return SPF_PASS;
}

/* Read the record of a domain into f. SPF_PASS: success. */
static enum spf_result frame_read(struct spf_check *c, struct spf_frame *f, struct str domain)
{
	enum spf_result r;
	struct str text;

	*f = (struct spf_frame){ .domain = domain };
	if (!domain_check(domain)) {
		c->why = str_fmt(c->a, "\"%.*s\" is no domain name", STR_ARG(domain));
		return SPF_NONE;
	}
	r = record_find(c, domain, &text);
	return r == SPF_PASS ? frame_take(c, f, text) : r;
}

/* Continue with the record of a domain that a term names, in the given frame; SPF_PASS: success. A
 * missing record is an error here (RFC 7208 5.2, 6.1). */
static enum spf_result follow(struct spf_check *c, struct spf_frame *f, struct str spec)
{
	struct str domain;
	enum spf_result r;

	if (!spf_target(c, spec, &domain, &r))
		return r;
	r = frame_read(c, f, domain);
	return r == SPF_NONE ? SPF_PERMERROR : r;
}

/* --- evaluation ----------------------------------------------------------------------------- */

/* The outcome of a step: continue, the result of the topmost record, or the end of the check. */
enum step { STEP_ON, STEP_RESULT, STEP_END };

static enum step include(struct spf_check *c, const struct spf_term *t, enum spf_result *result)
{
	if (!spf_may_ask(c, result))
		return STEP_END;
	assert(c->depth < COUNT(c->frames)); /* each frame used one of the lookups */
	*result = follow(c, &c->frames[c->depth], t->domain);
	if (*result != SPF_PASS)
		return STEP_END;
	c->depth++;
	return STEP_ON;
}

/* After the last term (RFC 7208 4.7, 6.1). */
static enum step last(struct spf_check *c, enum spf_result *result)
{
	struct str redirect = spf_top(c)->record.redirect;

	*result = SPF_NEUTRAL;
	if (redirect.n == 0)
		return STEP_RESULT;
	if (!spf_may_ask(c, result))
		return STEP_END;
	*result = follow(c, spf_top(c), redirect);
	return *result == SPF_PASS ? STEP_ON : STEP_END;
}

static enum step spf_step(struct spf_check *c, enum spf_result *result, struct str *term)
{
	struct spf_frame *f = spf_top(c);
	const struct spf_term *t;
	enum spf_found found;

	if (f->at == f->record.count)
		return last(c, result);
	t = &f->record.terms[f->at++];
	if (t->mechanism == SPF_INCLUDE)
		return include(c, t, result);
	found = spf_match(c, t, result);
	if (found == SPF_FOUND_END)
		return STEP_END;
	if (found == SPF_FOUND_NOT)
		return STEP_ON;
	*result = t->result;
	*term = t->text;
	return STEP_RESULT;
}

/* An included record has a result: a pass matches, with the qualifier of the include term;
 * otherwise the term does not match (RFC 7208 5.2). */
static bool spf_leave(struct spf_check *c, enum spf_result *result, struct str *term)
{
	const struct spf_frame *f;

	c->depth--;
	f = spf_top(c);
	if (*result != SPF_PASS)
		return false;
	*result = f->record.terms[f->at - 1].result;
	*term = f->record.terms[f->at - 1].text;
	return true;
}

static enum spf_result evaluate(struct spf_check *c, struct str *term)
{
	enum spf_result result = SPF_NEUTRAL;

	for (;;) {
		enum step next = spf_step(c, &result, term);

		if (next == STEP_END)
			return result;
		if (next == STEP_ON)
			continue;
		do {
			if (c->depth == 1)
				return result;
		} while (spf_leave(c, &result, term));
	}
}

/* --- explanation ---------------------------------------------------------------------------- */

static bool is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

/* RFC 7208 6.2: on any error there is none. */
static struct str explanation(struct spf_check *c)
{
	struct str spec = spf_top(c)->record.exp, text = STR_EMPTY, name;
	struct spf_macros m = spf_macros_of(c);
	struct dns_text_list list;
	enum spf_result end;
	struct buf b;

	c->explaining = true;
	if (spec.n == 0 || !spf_target(c, spec, &name, &end))
		return STR_EMPTY;
	if (dns_txt(c->q->dns, c->a, name, spf_question_end(c), &list) != DNS_OK ||
	    list.count != 1 || !is_printable(list.items[0]) ||
	    !spf_macro_check(list.items[0], SPF_MACRO_EXPLANATION))
		return STR_EMPTY;
	buf_init(&b, SPF_EXPLANATION_MAX);
	spf_macro_put(&b, list.items[0], &m);
	if (buf_ok(&b) && is_printable(buf_str(&b)))
		text = str_dup(c->a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* --- entry ---------------------------------------------------------------------------------- */

static struct spf_check *check_begin(const struct spf_query *q, struct str local,
                                     struct str domain, struct arena *a, struct spf_answer *out)
{
	struct spf_check *c = arena_new(a, struct spf_check);

	*c = (struct spf_check){ .q = q, .a = a, .origin = domain };
	c->local = local.n != 0 ? local : STR("postmaster"); /* RFC 7208 4.3 */
	*out = (struct spf_answer){ .domain = domain };
	c->depth = 1;
	return c;
}

/* out->result is the result of reading the first record. */
static void check_end(struct spf_check *c, struct spf_answer *out)
{
	if (out->result == SPF_PASS) {
		out->result = evaluate(c, &out->term);
		if (out->result == SPF_FAIL)
			out->explanation = explanation(c);
	}
	if (out->result == SPF_NONE || out->result == SPF_TEMPERROR || out->result == SPF_PERMERROR)
		out->why = c->why;
	out->lookups = c->lookups;
	out->voids = c->voids;
}

static void check_host(const struct spf_query *q, struct str local, struct str domain,
                       struct arena *a, struct spf_answer *out)
{
	struct spf_check *c = check_begin(q, local, domain, a, out);

	out->result = frame_read(c, spf_top(c), domain);
	check_end(c, out);
}

static struct str without_dot(struct str domain)
{
	return domain.n != 0 && domain.p[domain.n - 1] == '.' ? str_sub(domain, 0, domain.n - 1)
	                                                      : domain;
}

void spf_check_helo(const struct spf_query *q, struct arena *a, struct spf_answer *out)
{
	check_host(q, STR_EMPTY, without_dot(q->helo), a, out);
}

void spf_check_mail(const struct spf_query *q, struct arena *a, struct spf_answer *out)
{
	if (q->domain.n == 0)
		spf_check_helo(q, a, out);
	else
		check_host(q, q->local, without_dot(q->domain), a, out);
}

void spf_check_record(const struct spf_query *q, struct str text, struct arena *a,
                      struct spf_answer *out)
{
	struct spf_check *c = check_begin(q, q->local, without_dot(q->domain), a, out);
	struct spf_frame *f = spf_top(c);

	*f = (struct spf_frame){ .domain = out->domain };
	out->result = frame_take(c, f, text);
	check_end(c, out);
}
