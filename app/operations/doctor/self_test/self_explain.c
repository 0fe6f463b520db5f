/* operations/doctor/self_test/self_explain.c: what the server has found out about the message of
 * a self-test, by what stands in its header and its trace; see self_arrival.h. */
#include "operations/doctor/self_test/self_arrival.h"

#include "formats/mailauth/authres.h"
#include "formats/message/header.h"
#include "foundation/config/settings.h"
#include "model/history/trace.h"
#include "operations/doctor/self_test/self_judge.h"
#include "operations/doctor/sentence.h"

enum { FIELDS_MAX = 4, TEXT_MAX = 300 };

static void add(struct self_arrival const *s, struct str *to, struct str what)
{
	*to = str_fmt(s->a, "%.*s%s%.*s", STR_ARG(*to), to->n != 0 ? "; " : "",
	              STR_ARG(str_sub(what, 0, TEXT_MAX)));
}

/* --- Authentication-Results ----------------------------------------------------------------- */

/* The field on top that is ours: those of others that claim to be were taken out. */
static bool results_find(const struct self_arrival *s, struct authres_field *out)
{
	struct cur c = cur_of(s->header);
	struct header_field f;

	while (header_next(&c, &f))
		if (str_eqi(f.name, STR("Authentication-Results")) &&
		    authres_parse(f.value, s->a, out) &&
		    str_eqi(out->serv_id, s->settings->hostname))
			return true;
	return false;
}

static bool is_one_of(struct str word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (str_eqi(word, str_of(*words)))
			return true;
	return false;
}

static enum dns_state state_of(const struct authres_result *r)
{
	static const char *const bad[] = { "fail", "permerror", "softfail", NULL };
	static const char *const silent[] = { "temperror", NULL };

	if (is_one_of(r->result, bad))
		return DNS_STATE_FAIL;
	return is_one_of(r->result, silent) ? DNS_STATE_UNKNOWN : DNS_STATE_OK;
}

static struct str property_of(const struct authres_result *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (str_eqi(r->properties[i].name, str_of(name)))
			return r->properties[i].value;
	return STR_EMPTY;
}

static struct str result_words(const struct self_arrival *s, const struct authres_result *r)
{
	struct str of = property_of(r, "s");

	return str_fmt(s->a, "%.*s=%.*s%s%.*s%s", STR_ARG(r->method), STR_ARG(r->result),
	               of.n != 0 ? " (" : "", STR_ARG(of), of.n != 0 ? ")" : "");
}

/* Earlier steps have judged the checks that apply to strangers only. */
static struct str judged_for(const struct self_arrival *s)
{
	char peer[ADDR_TEXT_MAX], outside[ADDR_TEXT_MAX];

	if (!addr_is_private(&s->peer))
		return STR_EMPTY;
	return str_fmt(s->a,
	               " (it came from %.*s, so SPF, the address's name and lists were not asked "
	               "here; the steps above have judged them%s%.*s)",
	               STR_ARG(addr_ip_text(&s->peer, peer)),
	               s->outside.family != ADDR_NONE ? " for " : "",
	               STR_ARG(s->outside.family != ADDR_NONE ? addr_ip_text(&s->outside, outside)
	                                                      : STR_EMPTY));
}

void self_judge_results(const struct self_arrival *s, struct checks *out)
{
	struct check *c = checks_add(out, "results", "Results of this server's checks");
	struct authres_field field = { .count = 0 };
	struct str words = STR_EMPTY;

	c->expected = STR("signatures and DMARC pass here as well");
	if (s->header.n == 0) {
		c->state = DNS_STATE_UNKNOWN;
		c->seen = STR("the message was not found in a mailbox, so what stands on it is not "
		              "known");
		return;
	}
	if (!results_find(s, &field)) {
		c->seen = STR("nothing: signatures of incoming mail are not looked at "
		              "(ROOST_DKIM_VERIFY, ROOST_DMARC)");
		return;
	}
	for (size_t i = 0; i < field.count; i++) {
		enum dns_state state = state_of(&field.results[i]);

		add(s, &words, result_words(s, &field.results[i]));
		if (c->state != DNS_STATE_FAIL && state != DNS_STATE_OK)
			c->state = state;
	}
	if (field.count == 0) /* "none" (RFC 8601 2.2) */
		words = STR("no check gave a result");
	c->seen = str_fmt(s->a, "%.*s%.*s", STR_ARG(words), STR_ARG(judged_for(s)));
	if (c->state != DNS_STATE_OK)
		c->advice = sentence_of(SENTENCE_test_results);
}

/* --- checks and filters --------------------------------------------------------------------- */

/* The score fields that spam filters add. */
static bool is_score(struct str name)
{
	static const struct str begin[] = { STR("X-Spam"), STR("X-Rspamd"), STR("X-Roost-Check") };

	for (size_t i = 0; i < COUNT(begin); i++)
		if (str_startsi(name, begin[i]))
			return true;
	return false;
}

static void scores_add(const struct self_arrival *s, struct str *words, bool *tagged)
{
	struct cur c = cur_of(s->header);
	struct header_field f;

	for (int n = 0; n < FIELDS_MAX && header_next(&c, &f);) {
		if (!is_score(f.name))
			continue;
		*tagged = *tagged || str_eqi(f.name, STR("X-Roost-Check"));
		add(s, words,
		    str_fmt(s->a, "%.*s: %.*s", STR_ARG(f.name),
		            STR_ARG(header_unfold(s->a, f.value))));
		n++;
	}
}

static void traced_add(const struct self_arrival *s, struct str *words)
{
	for (size_t i = 0; s->trace != NULL && i < s->trace->step_count; i++)
		if (s->trace->steps[i].what == TRACE_CHECKED)
			add(s, words, s->trace->steps[i].detail);
}

void self_judge_filters(const struct self_arrival *s, struct checks *out)
{
	struct check *c = checks_add(out, "filter", "Checks and filters of incoming mail");
	struct str words = STR_EMPTY;
	bool tagged = false;

	traced_add(s, &words);
	scores_add(s, &words, &tagged);
	c->expected = STR("they let it pass without a mark");
	c->seen = words.n != 0 ? words
	                       : STR("none had anything to say; how it came in is not kept "
	                             "(ROOST_TRACE_DAYS)");
	if (words.n == 0 && s->trace != NULL)
		c->seen = STR("none had anything to say");
	if (!tagged && !s->junk)
		return;
	c->state = DNS_STATE_WARN;
	c->advice = sentence_of(s->junk ? SENTENCE_test_junk : SENTENCE_test_marked);
}

/* --- delivery ------------------------------------------------------------------------------- */

/* The last thing that happened to it, and did not end in a mailbox of who was asked for. */
static const struct trace_step *last_step(const struct self_arrival *s)
{
	const struct trace_step *last = NULL;

	for (size_t i = 0; s->trace != NULL && i < s->trace->step_count; i++)
		if (s->trace->steps[i].what != TRACE_CHECKED)
			last = &s->trace->steps[i];
	return last;
}

static const struct elsewhere {
	enum trace_what what;
	enum dns_state state;
	const char *words;
	enum sentence advice;
} elsewheres[] = {
	{ TRACE_DELIVERED, DNS_STATE_OK, "it is in a mailbox", SENTENCE_none },
	{ TRACE_QUEUED, DNS_STATE_UNKNOWN, "it is queued for a remote server",
	  SENTENCE_test_queued },
	{ TRACE_SENT, DNS_STATE_OK, "it was sent to a remote server",
	  SENTENCE_none },
	{ TRACE_DELAYED, DNS_STATE_WARN, "the remote server defers it",
	  SENTENCE_test_queued },
	{ TRACE_FAILED, DNS_STATE_FAIL, "it could not be delivered", SENTENCE_test_failed },
	{ TRACE_FULL, DNS_STATE_FAIL, "the mailbox has no room", SENTENCE_test_full },
	{ TRACE_HELD, DNS_STATE_WARN, "it is held in the queue", SENTENCE_test_held },
	{ TRACE_DROPPED, DNS_STATE_FAIL, "it was accepted, and dropped", SENTENCE_test_dropped },
	{ TRACE_DISCARDED, DNS_STATE_FAIL, "it was accepted, and dropped", SENTENCE_test_dropped },
};

static void judge_elsewhere(const struct self_arrival *s, struct check *c)
{
	const struct trace_step *step = last_step(s);

	c->state = DNS_STATE_UNKNOWN;
	c->seen =
		str_fmt(s->a, "it was taken, and was not found in a mailbox within %" PRId64 " ms",
	                s->took_ms);
	c->advice = sentence_of(SENTENCE_test_not_found);
	for (size_t i = 0; step != NULL && i < COUNT(elsewheres); i++)
		if (elsewheres[i].what == step->what) {
			c->state = elsewheres[i].state;
			c->seen = str_fmt(s->a, "%s: %.*s%s%.*s", elsewheres[i].words,
			                  STR_ARG(step->who), step->who.n != 0 ? " " : "",
			                  STR_ARG(str_sub(step->detail, 0, TEXT_MAX)));
			c->advice = sentence_of(elsewheres[i].advice);
		}
}

void self_judge_delivery(const struct self_arrival *s, struct checks *out)
{
	struct check *c = checks_add(out, "delivery", "Arrival");

	c->expected = STR("it lies in the mailbox");
	if (s->header.n == 0) {
		judge_elsewhere(s, c);
		return;
	}
	c->seen = str_fmt(s->a, "in %s of %.*s, %" PRId64 " ms after it was written",
	                  s->junk ? "Junk" : "INBOX", STR_ARG(s->owner), s->took_ms);
	if (!s->junk)
		return;
	c->state = DNS_STATE_WARN;
	c->advice = sentence_of(SENTENCE_test_junk_delivered);
}
