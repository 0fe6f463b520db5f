/* flow/reports_out/mail.c: see reports_out_private.h. */
#include "flow/reports_out/reports_out_private.h"

#include "flow/reports_out/suppress.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/store/store.h"

/* --- one recipient -------------------------------------------------------------------------- */

/* Each message has an identifier of its own (RFC 5322 3.6.4), also the parts that differ
 * in behind. */
static void letter_make(struct out_mail *m, const struct out_letter *of, const char *behind,
                        size_t i, struct buf *raw)
{
	struct out_letter l = *of;

	l.to = m->asked.items[i].to;
	l.id = str_fmt(m->a, "<%.*s.%zu%s@%.*s>", STR_ARG(m->due.id), i + 1, behind,
	               STR_ARG(l.organization));
	l.date_ms = clock_real_ms();
	buf_init(raw, out_letter_max(&l));
	out_letter_put(raw, &l, m->a);
	assert(buf_ok(raw));
}

static bool nobody(enum err e)
{
	return e == ERR_MISSING || e == ERR_DENIED || e == ERR_LIMIT;
}

/* Errors other than OK are the store's. */
static enum err one_begin(struct out_mail *m, size_t i, struct why *why)
{
	const struct report_out_host *host = &m->post->config->host;
	struct out_asked *to = &m->asked.items[i];
	struct report_out_mail mail = { .to = to->to, .tls_optional = m->tls_optional };
	struct buf raw;
	enum err e = OK;

	if (to->state.why.n != 0 || to->url.n != 0)
		return OK;
	letter_make(m, &m->letter, "", i, &raw);
	mail.raw = buf_str(&raw);
	/* RFC 7489 7.2.1: the limit applies after compression and encoding. */
	if (to->max_bytes != 0 && mail.raw.n > to->max_bytes) {
		to->state.why = STR("the report is too large for the address");
		to->too_large = mail.raw.n;
	} else
		e = host->begin(&mail, &m->made[i], host->arg, why);
	buf_deinit(&raw);
	to->state.sent = m->made[i] != NULL;
	if (!nobody(e))
		return e;
	to->state.why = STR("unknown local recipient");
	return OK;
}

static void all_end(struct out_mail *m, bool committed)
{
	for (size_t i = 0; i < m->asked.count; i++) {
		if (m->made[i] == NULL)
			continue;
		m->post->config->host.end(m->made[i], committed);
		m->made[i] = NULL;
	}
}

/* RFC 7489 7.2.2: if the report is too large for all recipients, each gets a notice, even
 * if that exceeds its limit. */
static enum err notice_begin(struct out_mail *m, size_t i, struct why *why)
{
	const struct report_out_host *host = &m->post->config->host;
	struct out_asked *to = &m->asked.items[i];
	struct out_notice n = { .domain = m->due.domain,
		                .id = str_fmt(m->a, "<%.*s@%.*s>", STR_ARG(m->due.id),
		                              STR_ARG(m->letter.organization)),
		                .bytes = to->too_large,
		                .to = to->to,
		                .when_ms = clock_real_ms() };
	struct report_out_mail mail = { .to = to->to };
	struct out_letter l;
	struct buf raw;
	enum err e;

	out_notice_letter(&n, &m->letter, m->a, &l);
	letter_make(m, &l, "-size", i, &raw);
	mail.raw = buf_str(&raw);
	e = host->begin(&mail, &m->made[i], host->arg, why);
	buf_deinit(&raw);
	if (e == OK)
		to->state.why = STR("the report is too large for the address; an error report was "
		                    "sent");
	return nobody(e) ? OK : e;
}

static bool is_sent(const struct out_mail *m)
{
	for (size_t i = 0; i < m->asked.count; i++)
		if (m->asked.items[i].state.sent)
			return true;
	return false;
}

static enum err all_begin(struct out_mail *m, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < m->asked.count; i++)
		e = one_begin(m, i, why);
	for (size_t i = 0; e == OK && m->notices && !is_sent(m) && i < m->asked.count; i++)
		if (m->asked.items[i].too_large != 0)
			e = notice_begin(m, i, why);
	if (e)
		all_end(m, false);
	return e;
}

/* --- suppressed addresses -------------------------------------------------------------------- */

static enum err suppressed_look(struct txn *t, void *arg)
{
	struct out_mail *m = arg;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < m->asked.count; i++) {
		struct out_asked *to = &m->asked.items[i];
		struct out_suppressed s;

		if (to->state.why.n != 0 || to->url.n != 0)
			continue;
		e = out_suppress_find(t, &to->to, clock_real_ms(), m->a, &s);
		if (e == OK)
			to->state.why = str_fmt(m->a, "suppressed, since the last came back: %.*s",
			                       STR_ARG(s.reply));
		e = e == ERR_MISSING ? OK : e;
	}
	return e;
}

/* --- the transaction ------------------------------------------------------------------------ */

static enum err mail_items_put(struct txn *t, void *arg)
{
	struct out_mail *m = arg;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < m->asked.count; i++)
		if (m->made[i] != NULL)
			e = m->post->config->host.put(t, m->made[i]);
	if (e == OK)
		e = out_due_put(t, &m->due);
	if (e == OK && m->done != NULL && m->due.state != OUT_WAITING)
		e = m->done(t, m->arg);
	return e;
}

static enum err mail_commit(struct out_mail *m, struct why *why)
{
	enum err e = store_write(m->post->config->store, mail_items_put, m, why);

	all_end(m, e == OK);
	return e;
}

/* --- the result ----------------------------------------------------------------------------- */

static bool given_up(const struct out_mail *m)
{
	return clock_real_ms() / 1000 > m->give_up_s;
}

/* The current state: made may be filled in part, or empty. */
static void due_fill(struct out_mail *m)
{
	struct out_due *d = &m->due;

	d->bytes = m->letter.content.n;
	for (size_t i = 0; i < m->letter.part_count; i++)
		d->bytes += m->letter.parts[i].content.n;
	d->when_ms = clock_real_ms();
	d->state = OUT_UNSENT;
	d->why = STR("nobody whom the record names gets it");
	d->to_count = m->asked.count;
	for (size_t i = 0; i < d->to_count; i++) {
		d->to[i] = m->asked.items[i].state;
		d->state = d->to[i].sent ? OUT_SENT : d->state;
	}
	if (d->state == OUT_SENT)
		d->why = STR_EMPTY;
}

static void put_off(struct out_mail *m, struct str why)
{
	for (size_t i = 0; i < m->asked.count; i++)
		m->asked.items[i].state.sent = false;
	due_fill(m);
	m->due.why = why;
	if (given_up(m))
		return;
	m->due.state = OUT_WAITING;
	m->due.when_ms += (int64_t)LIMIT_report_wait_s * 1000;
}

static void mail_report(const struct out_mail *m)
{
	const struct out_due *d = &m->due;
	bool sent = d->state == OUT_SENT;

	for (size_t i = 0; sent && i < d->to_count; i++)
		if (d->to[i].sent)
			event(report_sent, d->id, ev_z(report_kind_name(d->kind)),
			      ev_str(d->domain), ev_int((int64_t)d->bytes),
			      ev_str(d->to[i].to));
	if (!sent)
		event(report_send_failed, d->id, ev_z(report_kind_name(d->kind)), ev_str(d->domain),
		      ev_str(d->why),
		      ev_int(d->state == OUT_WAITING ? LIMIT_report_wait_s : 0));
	metric_add(sent ? METRIC_report_sent : METRIC_report_unsent, 1);
}

/* A posted report cannot be undone: it counts as sent, whatever follows. */
static enum err mail_send(struct out_mail *m, struct why *why)
{
	bool posted, failed;
	enum err e;

	m->due.attempts++;
	if (m->asked.unanswered && !given_up(m)) {
		put_off(m, STR("DNS does not say who may get it"));
		return mail_commit(m, why);
	}
	if ((e = store_read(m->post->config->store, suppressed_look, m)))
		return e;
	out_web_post(m, &posted, &failed);
	if ((e = all_begin(m, why)))
		return e;
	due_fill(m);
	if (m->due.state == OUT_UNSENT && failed && !given_up(m))
		put_off(m, STR("nobody has taken it yet"));
	e = mail_commit(m, why);
	if (!posted && (e == ERR_LIMIT || e == ERR_FULL || e == ERR_RETRY)) {
		put_off(m, STR("there is no room for it in the queue, or in a mailbox here"));
		e = mail_commit(m, why);
	}
	return e;
}

enum err out_mail_send(struct out_mail *m, struct why *why)
{
	enum err e = mail_send(m, why);

	if (e == OK)
		mail_report(m);
	return e;
}
