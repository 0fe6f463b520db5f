/* flow/reports_out/web.c: see reports_out_private.h. */
#include "flow/reports_out/reports_out_private.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "model/remote/remote.h"
#include "network/http_client/httpc.h"
#include "network/tls/trust.h"

enum { ANSWER_MAX = KIB(16) };

/* True: it was accepted (RFC 8460 5.4: "successful", which is 2xx). */
static bool post(struct out_mail *m, struct httpc *http, struct out_asked *to)
{
	const struct httpc_request q = { .method = "POST",
		                         .url = to->url,
		                         .type = str_z(m->a, m->letter.type),
		                         .body = m->letter.content,
		                         .deadline_ms = clock_mono_ms() + LIMIT_report_web_ms,
		                         .answer_max = ANSWER_MAX };
	struct httpc_response r;
	struct why why = { "" };
	enum err e = httpc_ask(http, &q, m->a, &r, &why);

	to->state.sent = e == OK && r.status / 100 == 2;
	if (e != OK)
		to->state.why = str_dup(m->a, str_of(why.text));
	else if (!to->state.sent)
		to->state.why = str_fmt(m->a, "the server says %u", r.status);
	return to->state.sent;
}

void out_web_post(struct out_mail *m, bool *posted, bool *failed)
{
	const struct settings *s = settings_ref(m->post->config->live);
	struct httpc_config config = { .dns_servers = s->dns_servers,
		                       .public_only = !s->reports_private,
		                       .stop = m->post->stop };
	struct httpc *http = NULL;
	struct trust *own = NULL;
	struct why why = { "" };

	*posted = *failed = false;
	(void)!remote_trust(s->smtp_out_ca, &own, &config.trust, &why);
	for (size_t i = 0; i < m->asked.count; i++) {
		struct out_asked *to = &m->asked.items[i];

		if (to->url.n == 0)
			continue;
		if (http == NULL)
			http = httpc_new(&config);
		if (post(m, http, to))
			*posted = true;
		else
			*failed = true;
	}
	httpc_free(&http);
	trust_free(own);
	settings_unref(s);
}
