/* operations/doctor/self_test/self_test.c: see self_test.h. */
#include "operations/doctor/self_test/self_test.h"

#include "flow/delivery/delivery.h"
#include "flow/delivery/sign.h"
#include "formats/message/build.h"
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "operations/doctor/self_test/self_arrival.h"
#include "operations/doctor/self_test/self_judge.h"
#include "operations/doctor/self_test/self_send.h"

enum { MESSAGE_MAX = KIB(16), SIGNATURES_MAX = KIB(64), REPORT_MAX = KIB(32) };

const char *self_test_state_name(enum self_test_state s)
{
	static const char *const names[] = { "none", "running", "done", "failed" };

	return names[s];
}

/* --- the message ---------------------------------------------------------------------------- */

static struct str write_message(struct arena *a, struct self_test *t, struct str hostname)
{
	struct str text;
	struct buf b;

	buf_init(&b, MESSAGE_MAX);
	t->message_id = build_message_id(a, hostname);
	build_date(&b, STR("Date"), clock_real_ms());
	build_field(&b, STR("From"), t->from);
	build_field(&b, STR("To"), t->to);
	build_text(&b, STR("Subject"), STR("Delivery test of your mail server"));
	build_field(&b, STR("Message-ID"), t->message_id);
	build_field(&b, STR("Auto-Submitted"), STR("auto-generated"));
	build_field(&b, STR("MIME-Version"), STR("1.0"));
	build_field(&b, STR("Content-Type"), STR("text/plain; charset=utf-8"));
	buf_put(&b,
	        STR("\r\nThis is the delivery test of your mail server. The message was signed, "
	            "checked with the\r\nkeys in DNS, and received on port 25 like mail "
	            "from other servers.\r\nThe console shows the results on the page DNS "
	            "checks.\r\n"));
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static enum err sign(const struct self_test_run *r, struct arena *a,
                     const struct delivery_message *m, struct str *fields)
{
	struct buf b;
	enum err e;

	buf_init(&b, SIGNATURES_MAX);
	e = sign_put(&b, r->delivery, m);
	*fields = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void told(const struct self_test_run *r, const struct self_test *t)
{
	if (r->step != NULL)
		r->step(r->arg, t);
}

/* Through our own door, and what became of it. */
static void send_and_await(const struct self_test_run *r, const struct self_judge *j,
                           const struct mailaddr *to, struct self_test *t)
{
	struct self_send send = { .settings = r->settings,
		                  .from = j->from,
		                  .to = *to,
		                  .signatures = j->signatures,
		                  .body = j->body,
		                  .listens = t->listens,
		                  .listen_count = t->listen_count,
		                  .a = j->a };
	struct self_arrival arrival = { .store = r->store,
		                        .settings = r->settings,
		                        .stop = r->stop,
		                        .to = *to,
		                        .message_id = t->message_id,
		                        .outside = j->ip,
		                        .began_ms = clock_mono_ms(),
		                        .a = j->a };

	self_send(&send, &t->steps);
	told(r, t);
	arrival.peer = send.peer;
	if (send.taken)
		self_arrival(&arrival, &t->steps);
}

static enum err domain_find(struct txn *t, void *arg)
{
	struct self_judge *j = arg;
	struct domain domain = { 0 };
	enum err e = domain_get(t, j->domain, j->a, &domain);

	j->mta_sts = domain.mta_sts;
	return e;
}

enum err self_test_run(const struct self_test_run *r, struct arena *a, struct self_test *t,
                       struct why *why)
{
	struct envelope_rcpt rcpt = { .notify = 0 };
	struct delivery_message m = { .envelope = { .session.id = STR("self-test"),
		                                    .session.service = STR("doctor"),
		                                    .rcpts = &rcpt,
		                                    .rcpt_count = 1 },
		                      .ours = true };
	struct self_judge j = { .settings = r->settings, .domain = t->domain, .a = a };
	enum err e;

	if (!mailaddr_of(t->from, a, 0, &m.envelope.sender) ||
	    !mailaddr_of(t->to, a, 0, &rcpt.address))
		return fail(why, ERR_SYNTAX, "give an address like me@example.org");
	m.body = write_message(a, t, r->settings->hostname);
	if ((e = sign(r, a, &m, &m.trace)))
		return fail(why, e, "the message could not be signed");
	j.from = m.envelope.sender;
	j.signatures = m.trace;
	j.body = m.body;
	if ((e = store_read(r->store, domain_find, &j)))
		return fail(why, e, "the domain could not be looked up");
	for (size_t i = 0; self_judge(&j, i, &t->steps); i++)
		told(r, t);
	send_and_await(r, &j, &rcpt.address, t);
	return OK;
}
