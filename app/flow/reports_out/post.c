/* flow/reports_out/post.c: see reports_out_private.h. */

#include "flow/reports_out/reports_out_private.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/text/date.h"
#include "model/store/store.h"
#include "network/dns/cancellable.h"

/* One DMARC report being made. */
struct posting {
	const struct out_post *post;
	const struct out_dmarc_at *at;
	struct arena a;
	struct str host;
	struct mailaddr from;
	struct out_dmarc report;
	struct out_mail mail;
	bool today; /* the day has not ended */
};

/* --- the message ---------------------------------------------------------------------------- */

static struct str post_words(struct posting *x)
{
	const struct report_dmarc *r = &x->report.about;
	struct str text;
	struct buf b;

	buf_init(&b, 4096);
	buf_fmt(&b,
	        "This is a DMARC aggregate report about mail in the name of\r\n%.*s,\r\n"
	        "from ",
	        STR_ARG(r->domain));
	date_put_mail(&b, r->begin_s * 1000, 0);
	buf_put(&b, STR("\r\nto   "));
	date_put_mail(&b, r->end_s * 1000, 0);
	buf_fmt(&b, ",\r\nas %.*s has seen it: %" PRIu64 " messages.\r\n", STR_ARG(x->host),
	        x->report.head.messages);
	if (x->report.left_out != 0)
		buf_fmt(&b, "The report would be too long: %" PRIu64 " rows are left out.\r\n",
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

static void mail_fill(struct posting *x)
{
	const struct report_dmarc *r = &x->report.about;
	struct out_mail *m = &x->mail;

	m->letter = (struct out_letter){ .organization = x->host,
		                         .from = x->from,
		                         .subject = line(x, report_dmarc_subject_put),
		                         .multipart = STR("mixed"),
		                         .text = post_words(x),
		                         .type = STR("application/gzip"),
		                         .file = line(x, file_name_put),
		                         .content = buf_str(&x->report.file) };
	m->due.begin_s = r->begin_s;
	m->due.end_s = r->end_s;
	m->due.kind = REPORT_DMARC;
	m->due.domain = r->domain;
	m->due.id = r->id;
	m->due.messages = x->report.head.messages;
	m->give_up_s = r->end_s + (int64_t)LIMIT_report_give_up_days * OUT_DAY_S;
}

/* --- sending -------------------------------------------------------------------------------- */

/* More may have been counted during the DNS lookups. */
static enum err post_done(struct txn *t, void *arg)
{
	struct posting *x = arg;
	const struct out_dmarc_done d = { .at = x->at,
		                          .report = &x->report,
		                          .again_s = x->report.about.end_s,
		                          .over = !x->today };

	return out_dmarc_forget(t, &d);
}

static enum err ask_and_send(struct posting *x, struct why *why)
{
	struct dns_cancellable dns;
	struct out_ask ask = { .dns = &dns.dns,
		               .domain = x->at->domain,
		               .uris = &x->report.record.rua,
		               .stop = x->post->stop };

	dns_cancellable_init(&dns, x->post->config->dns, x->post->stop);
	mail_fill(x);
	out_ask(&ask, &x->a, &x->mail.asked);
	return atomic_load(x->post->stop) ? OK : out_mail_send(&x->mail, why);
}

/* --- whether it is due, and its period ------------------------------------------------------- */

struct looking {
	struct posting *x;
	struct out_head head;
	bool waits;
};

static enum err post_lookup(struct txn *t, void *arg)
{
	struct looking *l = arg;
	struct posting *x = l->x;
	enum err e = out_dmarc_head(t, x->at, &x->a, &l->head), had;

	l->waits = false;
	if (e)
		return e;
	had = out_due_get(t, l->head.begin_s, REPORT_DMARC, x->at->domain, &x->a, &x->mail.due);
	if (had == OK && x->mail.due.state == OUT_WAITING)
		l->waits = x->mail.due.when_ms > clock_real_ms() && !x->post->now;
	return had == OK || had == ERR_MISSING ? OK : had;
}

static enum err post(struct posting *x, struct why *why)
{
	const struct report_out_config *c = x->post->config;
	struct looking l = { .x = x };
	int64_t end_s = (x->at->day + 1) * OUT_DAY_S - 1;
	enum err e = store_read(c->store, post_lookup, &l);

	if (e != OK || l.waits)
		return e == ERR_MISSING ? OK : e;
	if (x->today)
		end_s = MAX(clock_real_ms() / 1000, l.head.begin_s + 1);
	if ((e = out_from_find(c->store, x->host, &x->a, &x->from)))
		return e;
	x->report.about.organization = x->host;
	x->report.about.email = mailaddr_text(&x->a, &x->from);
	e = out_dmarc_make(c->store, x->at, end_s, &x->a, &x->report);
	if (e == OK)
		e = ask_and_send(x, why);
	else if (e == ERR_MISSING) /* nothing was counted since the last report of that
	                            * day */
		e = x->today ? OK : store_write(c->store, post_done, x, why);
	buf_deinit(&x->report.file);
	return e;
}

enum err out_post_dmarc(const struct out_post *p, const struct out_dmarc_at *at, bool today,
                        struct why *why)
{
	const struct settings *s = settings_ref(p->config->live);
	struct posting x = {
		.post = p, .at = at, .today = today, .mail = { .post = p, .done = post_done }
	};
	enum err e;

	x.mail.a = &x.a;
	x.mail.notices = true;
	x.mail.arg = &x;
	x.host = str_dup(&x.a, s->hostname);
	settings_unref(s);
	e = post(&x, why);
	arena_deinit(&x.a);
	return e == ERR_MISSING ? OK : e;
}
