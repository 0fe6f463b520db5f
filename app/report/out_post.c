/* report/out_post.c: see out_post.h. */
#include "report/out_post.h"

#include "base/arena.h"
#include "base/clock.h"
#include "config/limits.h"
#include "config/live.h"
#include "observe/event.h"
#include "observe/metrics.h"
#include "report/out_ask.h"
#include "report/out_from.h"
#include "report/out_letter.h"
#include "store/store.h"
#include "text/date.h"

/* One report under way. */
struct posting {
	const struct out_post *post;
	const struct out_dmarc_at *at;
	struct arena a;
	struct str host;
	struct mailaddr from;
	struct out_dmarc report;
	struct out_asked_list asked;
	void *made[OUT_TO_MAX]; /* NULL: it goes not there */
	struct out_due due;
	int64_t again_s; /* the day goes on: since when is counted then; or 0 */
};

/* --- the message ---------------------------------------------------------------------------- */

static struct str words(struct posting *x)
{
	const struct report_dmarc *r = &x->report.about;
	struct str text;
	struct buf b;

	buf_init(&b, 4096);
	buf_fmt(&b, "This is a DMARC aggregate report about mail in the name of\r\n%.*s,\r\n"
	            "from ", STR_ARG(r->domain));
	date_put_mail(&b, r->begin_s * 1000, 0);
	buf_put(&b, STR("\r\nto   "));
	date_put_mail(&b, r->end_s * 1000, 0);
	buf_fmt(&b, ",\r\nas %.*s has seen it: %" PRIu64 " messages.\r\n", STR_ARG(x->host),
	        x->report.head.messages);
	if (x->report.left_out != 0)
		buf_fmt(&b, "For want of room %" PRIu64 " rows are not in it.\r\n",
		        x->report.left_out);
	text = str_dup(&x->a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static struct str line(struct posting *x,
                       void (*put)(struct buf *, const struct report_dmarc *, struct str))
{
	struct str text;
	struct buf b;

	buf_init(&b, 2048);
	put(&b, &x->report.about, x->host);
	text = str_dup(&x->a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static void file_name_put(struct buf *out, const struct report_dmarc *r, struct str host)
{
	report_dmarc_file_put(out, r, host, true);
}

static void letter_make(struct posting *x, const struct mailaddr *to, struct buf *raw)
{
	struct out_letter l = { .organization = x->host,
		                .from = x->from,
		                .to = *to,
		                .id = str_fmt(&x->a, "<%.*s@%.*s>", STR_ARG(x->due.id),
		                              STR_ARG(x->host)),
		                .subject = line(x, report_dmarc_subject_put),
		                .multipart = STR("mixed"),
		                .text = words(x),
		                .type = STR("application/gzip"),
		                .file = line(x, file_name_put),
		                .content = buf_str(&x->report.file),
		                .date_ms = clock_real_ms() };

	buf_init(raw, out_letter_max(&l));
	out_letter_put(raw, &l, &x->a);
	assert(buf_ok(raw));
}

/* --- to one --------------------------------------------------------------------------------- */

static bool nobody(enum err e)
{
	return e == ERR_MISSING || e == ERR_DENIED || e == ERR_LIMIT;
}

/* Anything but OK is the store's. */
static enum err one_begin(struct posting *x, size_t i, struct why *why)
{
	const struct report_out_host *host = &x->post->config->host;
	struct out_asked *to = &x->asked.items[i];
	struct report_out_mail m = { .to = to->to };
	struct buf raw;
	enum err e = OK;

	if (to->told.why.n != 0)
		return OK;
	letter_make(x, &to->to, &raw);
	m.raw = buf_str(&raw);
	/* RFC 7489 7.2.1: after compression and encoding. */
	if (to->max_bytes != 0 && m.raw.n > to->max_bytes)
		to->told.why = STR("it is larger than they take");
	else
		e = host->begin(&m, &x->made[i], host->arg, why);
	buf_deinit(&raw);
	if (!nobody(e))
		return e;
	to->told.why = STR("nobody of that name here takes it");
	return OK;
}

static void all_end(struct posting *x, bool committed)
{
	for (size_t i = 0; i < x->asked.count; i++) {
		if (x->made[i] == NULL)
			continue;
		x->post->config->host.end(x->made[i], committed);
		x->made[i] = NULL;
	}
}

static enum err all_begin(struct posting *x, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < x->asked.count; i++)
		e = one_begin(x, i, why);
	if (e)
		all_end(x, false);
	return e;
}

/* --- the transaction ------------------------------------------------------------------------ */

static enum err put(struct txn *t, void *arg)
{
	struct posting *x = arg;
	struct out_head head;
	enum err e = out_dmarc_head(t, x->at, txn_arena(t), &head);

	if (e)
		return e;
	if (x->due.state == OUT_WAITING)
		return out_due_put(t, &x->due);
	for (size_t i = 0; e == OK && i < x->asked.count; i++)
		if (x->made[i] != NULL)
			e = x->post->config->host.put(t, x->made[i]);
	if (e == OK)
		e = out_due_put(t, &x->due);
	return e == OK ? out_dmarc_forget(t, x->at, x->again_s) : e;
}

static enum err commit(struct posting *x, struct why *why)
{
	enum err e = store_write(x->post->config->store, put, x, why);

	all_end(x, e == OK);
	return e;
}

/* --- what becomes of it --------------------------------------------------------------------- */

static bool given_up(const struct posting *x)
{
	return clock_real_ms() / 1000 >
	       x->report.about.end_s + (int64_t)LIMIT_report_give_up_days * OUT_DAY_S;
}

/* As things are: some of made may be there, or none is. */
static void due_fill(struct posting *x)
{
	const struct report_dmarc *r = &x->report.about;
	struct out_due *d = &x->due;

	d->begin_s = r->begin_s;
	d->end_s = r->end_s;
	d->kind = REPORT_DMARC;
	d->domain = r->domain;
	d->id = r->id;
	d->messages = x->report.head.messages;
	d->bytes = x->report.file.n;
	d->when_ms = clock_real_ms();
	d->state = OUT_UNSENT;
	d->why = STR("nobody whom the record names gets it");
	d->to_count = x->asked.count;
	for (size_t i = 0; i < d->to_count; i++) {
		d->to[i] = x->asked.items[i].told;
		d->to[i].sent = x->made[i] != NULL;
		d->state = d->to[i].sent ? OUT_SENT : d->state;
	}
	if (d->state == OUT_SENT)
		d->why = STR_EMPTY;
}

static void put_off(struct posting *x, struct str why)
{
	due_fill(x);
	x->due.why = why;
	if (given_up(x))
		return;
	x->due.state = OUT_WAITING;
	x->due.when_ms += (int64_t)LIMIT_report_wait_s * 1000;
}

static void tell(const struct posting *x)
{
	const struct out_due *d = &x->due;
	bool sent = d->state == OUT_SENT;

	for (size_t i = 0; sent && i < d->to_count; i++)
		if (d->to[i].sent)
			event(report_sent, d->id, ev_z(report_kind_name(d->kind)),
			      ev_str(d->domain), ev_int((int64_t)d->bytes),
			      ev_str(d->to[i].to));
	if (!sent)
		event(report_not_sent, d->id, ev_z(report_kind_name(d->kind)), ev_str(d->domain),
		      ev_str(d->why),
		      ev_int(d->state == OUT_WAITING ? LIMIT_report_wait_s : 0));
	metric_add(sent ? METRIC_report_sent : METRIC_report_unsent, 1);
}

static enum err send(struct posting *x, struct why *why)
{
	enum err e;

	x->due.attempts++;
	if (x->asked.unanswered && !given_up(x)) {
		put_off(x, STR("DNS does not say who may get it"));
		return commit(x, why);
	}
	if ((e = all_begin(x, why)))
		return e;
	due_fill(x);
	e = commit(x, why);
	if (e == ERR_LIMIT || e == ERR_FULL || e == ERR_RETRY) {
		put_off(x, STR("there is no room for it in the queue, or in a mailbox here"));
		e = commit(x, why);
	}
	return e;
}

static enum err ask_and_send(struct posting *x, struct why *why)
{
	struct out_ask ask = { .dns = x->post->config->dns,
		               .domain = x->at->domain,
		               .uris = &x->report.record.rua,
		               .stop = x->post->stop };
	enum err e;

	out_ask(&ask, &x->a, &x->asked);
	if (atomic_load(x->post->stop))
		return OK;
	e = send(x, why);
	if (e == OK)
		tell(x);
	return e;
}

/* --- whether, and up to when ----------------------------------------------------------------- */

struct looking {
	struct posting *x;
	struct out_head head;
	bool waits;
};

static enum err look(struct txn *t, void *arg)
{
	struct looking *l = arg;
	struct posting *x = l->x;
	enum err e = out_dmarc_head(t, x->at, &x->a, &l->head), had;

	l->waits = false;
	if (e)
		return e;
	had = out_due_get(t, l->head.begin_s, REPORT_DMARC, x->at->domain, &x->a, &x->due);
	if (had == OK && x->due.state == OUT_WAITING)
		l->waits = x->due.when_ms > clock_real_ms() && !x->post->now;
	return had == OK || had == ERR_MISSING ? OK : had;
}

static enum err forget(struct txn *t, void *arg)
{
	return out_dmarc_forget(t, ((struct posting *)arg)->at, 0);
}

static enum err post(struct posting *x, bool today, struct why *why)
{
	const struct report_out_config *c = x->post->config;
	struct looking l = { .x = x };
	int64_t end_s = (x->at->day + 1) * OUT_DAY_S - 1;
	enum err e = store_read(c->store, look, &l);

	if (e != OK || l.waits)
		return e == ERR_MISSING ? OK : e;
	if (today) {
		end_s = MAX(clock_real_ms() / 1000, l.head.begin_s + 1);
		x->again_s = end_s;
	}
	if ((e = out_from_find(c->store, x->host, &x->a, &x->from)))
		return e;
	x->report.about.organization = x->host;
	x->report.about.email = mailaddr_text(&x->a, &x->from);
	e = out_dmarc_make(c->store, x->at, end_s, &x->a, &x->report);
	if (e == OK)
		e = ask_and_send(x, why);
	else if (e == ERR_MISSING) /* nothing came since the last one of that day */
		e = today ? OK : store_write(c->store, forget, x, why);
	buf_deinit(&x->report.file);
	return e;
}

enum err out_post_dmarc(const struct out_post *p, const struct out_dmarc_at *at, bool today,
                        struct why *why)
{
	const struct settings *s = settings_ref(p->config->live);
	struct posting x = { .post = p, .at = at };
	enum err e;

	x.host = str_dup(&x.a, s->hostname);
	settings_unref(s);
	e = post(&x, today, why);
	arena_deinit(&x.a);
	return e == ERR_MISSING ? OK : e;
}
