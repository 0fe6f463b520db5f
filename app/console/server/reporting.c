/* console/server/reporting.c: setup of the reports to other domains (reports_out/); see
 * server.h. */
#include "console/server/server.h"

#include "flow/reports_out/reports_out.h"
#include "foundation/base/mem.h"
#include "foundation/config/version.h"

#include <stdio.h>

/* A report, and the strings that delivery/ borrows while it is queued. */
struct letter {
	struct envelope_rcpt to;
	struct delivery_message m;
	struct arena a;
	struct delivery_draft *draft;
};

static void letter_end(void *made, bool committed)
{
	struct letter *l = made;

	delivery_end(&l->draft, committed);
	arena_deinit(&l->a);
	mem_free(l);
}

static enum err letter_begin(const struct report_out_mail *mail, void **made, void *arg,
                             struct why *why)
{
	struct letter *l = NEW(struct letter);
	enum err e;

	l->to.address = mailaddr_dup(&l->a, &mail->to);
	l->to.notify = DSN_NEVER;
	l->m = (struct delivery_message){
		.envelope = { .rcpts = &l->to,
		              .rcpt_count = 1,
		              .flags = ENVELOPE_REPORT |
		                       (mail->tls_optional ? ENVELOPE_TLS_OPTIONAL : 0u),
		              .session = { .id = STR("report"), .service = STR("report") } },
		.body = str_dup(&l->a, mail->raw),
		.ours = true,
	};
	e = delivery_begin(arg, &l->m, &l->draft, why);
	if (e)
		letter_end(l, false);
	else
		*made = l;
	return e;
}

static enum err letter_put(struct txn *t, void *made)
{
	return delivery_put(((struct letter *)made)->draft, t);
}

/* product/version, RFC 5965 3.1 */
static struct str agent(void)
{
	static char text[128];

	snprintf(text, sizeof text, "Roost/%s", roost_version);
	return str_of(text);
}

void reporting_open(struct server *v)
{
	const struct report_out_config config = { .store = v->store,
		                                  .dns = v->dns,
		                                  .live = v->live,
		                                  .agent = agent(),
		                                  .host = { .begin = letter_begin,
		                                            .put = letter_put,
		                                            .end = letter_end,
		                                            .arg = &v->delivery } };

	v->reports = report_out_new(&config);
}

enum err reporting_start(struct server *v, struct why *why)
{
	v->admin.reports = v->reports;
	return report_out_start(v->reports, why);
}
