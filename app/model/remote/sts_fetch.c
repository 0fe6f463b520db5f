/* model/remote/sts_fetch.c: see sts_fetch.h. */
#include "model/remote/sts_fetch.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "model/remote/remote_body.h"
#include "network/http_client/httpc.h"
#include "network/runtime/addr.h"
#include "network/tls/trust.h"

enum { DOMAIN_MAX = 253 - sizeof "mta-sts", HTTPS_PORT = 443 };

bool sts_domain_check(struct str domain)
{
	struct addr literal;

	return domain.n <= DOMAIN_MAX && mta_sts_host_check(domain) &&
	       !addr_parse_ip(domain, &literal);
}

/* --- the response ------------------------------------------------------------------------- */

static void troubled(struct sts_answer *out, enum sts_trouble trouble, const char *words)
{
	out->trouble = trouble;
	(void)fail(&out->why, ERR_IO, "%s", words);
}

/* RFC 8461 3.2: text/plain, with any parameters */
static bool plain_text(struct str type)
{
	struct cur c = cur_of(type);
	struct str name = type;

	(void)cur_until(&c, ';', &name);
	return str_eqi(str_trim(name), STR("text/plain"));
}

void sts_answer_read(unsigned status, struct str type, struct str body, struct arena *a,
                     struct sts_answer *out)
{
	const char *wrong;
	struct buf text;

	*out = (struct sts_answer){ .trouble = STS_FINE };
	if (status != 200) {
		out->trouble = STS_FETCH_ERROR;
		(void)fail(&out->why, ERR_IO, "the policy host answers %u", status);
		return;
	}
	if (!plain_text(type)) {
		troubled(out, STS_FETCH_ERROR, "what the policy host gives is not text/plain");
		return;
	}
	if (!mta_sts_policy_parse(body, LIMIT_sts_mx, a, &out->policy, &wrong)) {
		out->trouble = STS_POLICY_INVALID;
		(void)fail(&out->why, ERR_SYNTAX, "the policy cannot be used: %s", wrong);
		return;
	}
	buf_init(&text, LIMIT_sts_policy + 200);
	mta_sts_text_put(&out->policy, &text);
	out->text = str_dup(a, buf_str(&text));
	buf_deinit(&text);
}

/* --- the request -------------------------------------------------------------------------- */

static struct str url_of(struct arena *a, struct str domain, uint64_t port)
{
	if (port == HTTPS_PORT)
		return str_fmt(a, "https://mta-sts.%.*s/.well-known/mta-sts.txt", STR_ARG(domain));
	return str_fmt(a, "https://mta-sts.%.*s:%" PRIu64 "/.well-known/mta-sts.txt",
	               STR_ARG(domain), port);
}

static void sts_request(struct httpc *h, struct str url, struct arena *a, struct sts_answer *out)
{
	struct httpc_request q = { .method = "GET",
		                   .url = url,
		                   .deadline_ms = clock_mono_ms() + LIMIT_sts_fetch_ms,
		                   .answer_max = LIMIT_sts_policy };
	struct httpc_response got;

	*out = (struct sts_answer){ .trouble = STS_FETCH_ERROR };
	if (httpc_ask(h, &q, a, &got, &out->why) == OK)
		sts_answer_read(got.status, httpc_field(&got, "Content-Type"), got.body, a, out);
	else if (httpc_refused(h))
		out->trouble = STS_WEBPKI_INVALID;
	else
		out->silent = httpc_silent(h);
}

void sts_fetch_now(const struct settings *s, const atomic_bool *stop, struct str domain,
                   struct arena *a, struct sts_answer *out)
{
	struct httpc_config config = { .dns_servers = s->dns_servers, .stop = stop };
	struct trust *own = NULL;
	struct httpc *h;

	*out = (struct sts_answer){ .trouble = STS_FETCH_ERROR, .silent = true };
	if (remote_trust(s->smtp_out_ca, &own, &config.trust, &out->why) == OK) {
		h = httpc_new(&config);
		sts_request(h, url_of(a, domain, s->mta_sts_port), a, out);
		httpc_free(&h);
	}
	trust_free(own);
}

void sts_fetch(struct remotes *r, struct str domain, struct arena *a, struct sts_answer *out)
{
	const struct settings *s;

	if (r->config.fetch != NULL) {
		r->config.fetch(r->config.fetch_arg, domain, a, out);
		return;
	}
	s = settings_ref(r->config.live);
	sts_fetch_now(s, &r->stop, domain, a, out);
	settings_unref(s);
}
