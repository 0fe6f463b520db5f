/* flow/reports_out/failure_text.c: see reports_out_private.h. */
#include "flow/reports_out/reports_out_private.h"

#include "flow/reports_out/hide.h"
#include "formats/message/build.h"
#include "foundation/base/arena.h"
#include "foundation/text/date.h"

enum { SPF_MAX = 2048, SUBJECT_MAX = 200 };

static const char *const fates[REPORT_FATES] = { "delivered", "spam", "policy", "reject" };

/* --- text for people ------------------------------------------------------------------------ */

void out_failure_words_put(struct buf *out, const struct out_failure_about *about)
{
	static const char *const whats[OUT_FAILURE_KINDS] = {
		"SPF and its signatures did not both prove that by DMARC.",
		"A signature (DKIM) of it could not be verified.",
		"SPF did not prove that.",
	};
	const struct out_failure *f = about->failure;

	buf_fmt(out,
	        "This is an authentication failure report for a message that says it is\r\n"
	        "of %.*s.\r\n"
	        "%.*s got it from\r\n%.*s\r\non ",
	        STR_ARG(f->author), STR_ARG(about->host), STR_ARG(f->ip));
	date_put_mail(out, f->arrived_ms, 0);
	buf_fmt(out, ".\r\n%s\r\n", whats[f->kind]);
	if (about->incidents > 1)
		buf_fmt(out, "It stands for %" PRIu64 " such messages.\r\n", about->incidents);
	buf_put(out, STR("\r\nNo more such reports about that address go out today: the daily\r\n"
	                 "report (rua=) counts all messages. Below are fields of the\r\n"
	                 "message's header. Names of those whom it was for were replaced.\r\n"));
}

struct str out_failure_subject(const struct out_failure *f, struct arena *a)
{
	struct str s = str_trim(f->subject);

	if (s.n == 0)
		return str_fmt(a, "FW: a message that says it is of %.*s", STR_ARG(f->author));
	if (s.n > SUBJECT_MAX) { /* not in the middle of an encoded-word */
		ptrdiff_t at;

		s = str_sub(s, 0, SUBJECT_MAX);
		at = str_rfind_byte(s, ' ');
		s = at > 0 ? str_sub(s, 0, (size_t)at) : s;
	}
	return str_fmt(a, "FW: %.*s", STR_ARG(s));
}

/* --- machine-readable fields ---------------------------------------------------------------- */

static void given_put(struct buf *out, const char *name, struct str value)
{
	if (value.n != 0)
		build_field(out, str_of(name), value);
}

/* RFC 7489 7.3.1 2 */
static struct str alignment(const struct out_failure *f)
{
	if (f->by_dkim && f->by_spf)
		return STR("dkim, spf");
	return f->by_dkim ? STR("dkim") : f->by_spf ? STR("spf") : STR("none");
}

static struct str auth_failure(const struct out_failure *f)
{
	if (f->kind == OUT_FAILURE_DMARC) /* RFC 7489 7.3.1 3 */
		return STR("dmarc");
	return f->kind == OUT_FAILURE_SPF ? STR("spf") : f->dkim_failure;
}

/* spf-dns = ( "txt" / "spf" ) ":" domain ":" quoted-string	RFC 6591 4 */
static struct str spf_dns(const struct out_failure_about *about, struct arena *a)
{
	struct str record = out_ascii(a, str_sub(about->spf, 0, SPF_MAX)), text;
	struct buf b;

	if (out_word_is_long(record))
		record = STR_EMPTY;
	buf_init(&b, 4 * SPF_MAX);
	buf_fmt(&b, "txt : %.*s : \"", STR_ARG(about->failure->spf_domain));
	for (size_t i = 0; i < record.n; i++) {
		if (record.p[i] == '"' || record.p[i] == '\\')
			buf_byte(&b, '\\');
		buf_byte(&b, record.p[i]);
	}
	buf_byte(&b, '"');
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static void envelope_put(struct buf *out, const struct out_failure *f)
{
	build_date(out, STR("Arrival-Date"), f->arrived_ms);
	given_put(out, "Source-IP", f->ip);
	given_put(out, "Original-Mail-From", f->mail_from);
	for (size_t i = 0; i < f->to_count; i++)
		given_put(out, "Original-Rcpt-To", f->to[i]);
	given_put(out, "Original-Envelope-Id", f->envelope_id);
	given_put(out, "Reported-Domain", f->author);
}

void out_failure_fields_put(struct buf *out, const struct out_failure_about *about,
                            struct arena *a)
{
	const struct out_failure *f = about->failure;

	build_field(out, STR("Feedback-Type"), STR("auth-failure"));
	build_field(out, STR("User-Agent"), out_ascii(a, about->agent));
	build_field(out, STR("Version"), STR("1"));
	build_field(out, STR("Auth-Failure"), auth_failure(f));
	build_field(out, STR("Identity-Alignment"), alignment(f));
	build_field(out, STR("Delivery-Result"), str_of(fates[f->fate]));
	envelope_put(out, f);
	build_field(out, STR("Reporting-MTA"), str_fmt(a, "dns; %.*s", STR_ARG(about->host)));
	if (about->incidents > 1)
		build_field(out, STR("Incidents"), str_fmt(a, "%" PRIu64, about->incidents));
	given_put(out, "Authentication-Results", f->results);
	/* RFC 6591 3.2.3; the hashed bytes (3.2.4) are omitted, since the report hides
	 * names. */
	given_put(out, "DKIM-Domain", f->dkim_domain);
	given_put(out, "DKIM-Identity", f->dkim_identity);
	given_put(out, "DKIM-Selector", f->dkim_selector);
	if (f->spf_domain.n != 0)
		build_field(out, STR("SPF-DNS"), spf_dns(about, a));
}
