/* flow/reports_out/ask.c: see ask.h. */
#include "flow/reports_out/ask.h"

#include "formats/mailauth/dmarc.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"

static bool is_there(const struct out_asked_list *list, const struct mailaddr *to)
{
	for (size_t i = 0; i < list->count; i++)
		if (mailaddr_equal(&list->items[i].to, to))
			return true;
	return false;
}

static void ask_add(struct out_asked_list *out, struct arena *a, const struct dmarc_uri *uri,
                    const char *why)
{
	struct out_asked one = { .state = { .why = str_of(why) } };

	if (out->count == OUT_TO_MAX)
		return;
	if (dmarc_uri_mailto(uri, a, &one.to) && !mailaddr_is_utf8(&one.to)) {
		if (is_there(out, &one.to))
			return;
		one.state.to = mailaddr_text(a, &one.to);
	} else {
		one.state.to = str_dup(a, uri->uri);
		one.state.why = STR("it is no address of mail");
	}
	one.max_bytes = uri->max_bytes;
	out->items[out->count++] = one;
}

/* RFC 7489 7.1 step 8: a consenting host may name other addresses of its own. */
static void add_given(struct out_asked_list *out, struct arena *a, const struct dmarc_uri *uri,
                      const struct dmarc_uris *said)
{
	if (said->count == 0)
		ask_add(out, a, uri, "");
	for (size_t i = 0; i < said->count; i++)
		ask_add(out, a, &said->items[i], "");
}

static void ask_one(const struct out_ask *ask, struct arena *a, const struct dmarc_uri *uri,
                    struct out_asked_list *out)
{
	struct dmarc_query q = { .author = ask->domain,
		                 .dns = ask->dns,
		                 .deadline_ms = clock_mono_ms() + LIMIT_report_dns_ms };
	struct dmarc_record said;
	struct mailaddr to;

	if (!dmarc_uri_mailto(uri, a, &to)) {
		ask_add(out, a, uri, "");
		return;
	}
	switch (dmarc_consent(&q, to.domain, a, &said)) {
	case DMARC_CONSENT_OWN:
		ask_add(out, a, uri, "");
		break;
	case DMARC_CONSENT_GIVEN:
		add_given(out, a, uri, ask->failures ? &said.ruf : &said.rua);
		break;
	case DMARC_CONSENT_REFUSED:
		ask_add(out, a, uri,
		        "its domain has no record that it wants reports about this one");
		break;
	case DMARC_CONSENT_UNANSWERED:
		ask_add(out, a, uri, "DNS does not say whether its domain wants reports");
		out->unanswered = true;
		break;
	}
}

void out_ask(const struct out_ask *ask, struct arena *a, struct out_asked_list *out)
{
	*out = (struct out_asked_list){ .count = 0 };
	for (size_t i = 0; i < ask->uris->count; i++) {
		if (atomic_load(ask->stop))
			out->unanswered = true;
		else
			ask_one(ask, a, &ask->uris->items[i], out);
	}
}
