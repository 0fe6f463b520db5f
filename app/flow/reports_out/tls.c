/* flow/reports_out/tls.c: see reports_out_private.h. */

#include "flow/reports_out/reports_out_private.h"
#include "formats/reports/tlsrpt.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/crypto/hash.h"
#include "model/store/store.h"
#include "network/dns/dns.h"
#include "network/dns/cancellable.h"
#include "network/runtime/deflate_gzip.h"

enum { PAGE = 50, FILE_MAX = KIB(4096) };

/* --- recipients ----------------------------------------------------------------------------- */

static void uri_add(struct out_asked_list *out, struct arena *a, struct str uri)
{
	struct out_asked one = { .state = { .to = str_dup(a, uri) } };
	struct dmarc_uri mail = { .uri = uri };

	if (dmarc_uri_mailto(&mail, a, &one.to) && !mailaddr_is_utf8(&one.to))
		one.state.to = mailaddr_text(a, &one.to);
	else if (str_startsi(uri, STR("https://")))
		one.url = one.state.to;
	else
		one.state.why = STR("it is neither an address of mail nor a URL of HTTPS");
	for (size_t i = 0; i < out->count; i++)
		if (str_eq(out->items[i].state.to, one.state.to)) /* no duplicates */
			return;
	out->items[out->count++] = one;
}

/* False: the domain requests no reports. RFC 8460 3: exactly one record must exist. */
static bool tls_ask(const struct out_post *p, struct arena *a, struct str domain,
                    struct out_asked_list *out)
{
	struct str name = str_fmt(a, "_smtp._tls.%.*s", STR_ARG(domain));
	int64_t deadline_ms = clock_mono_ms() + LIMIT_report_dns_ms;
	struct tlsrpt_record record;
	struct dns_text_list list;
	struct str one = STR_EMPTY;
	struct dns_cancellable dns;
	enum dns_status s;
	size_t count = 0;

	dns_cancellable_init(&dns, p->config->dns, p->stop);
	s = dns_txt(&dns.dns, a, name, deadline_ms, &list);
	*out = (struct out_asked_list){ .unanswered = s == DNS_RETRY };
	for (size_t i = 0; s == DNS_OK && i < list.count; i++)
		if (tlsrpt_record_is(list.items[i])) {
			one = list.items[i];
			count++;
		}
	if (count != 1 || !tlsrpt_record_parse(one, &record))
		return out->unanswered;
	for (size_t i = 0; i < record.count; i++)
		uri_add(out, a, record.uris[i]);
	return true;
}

/* --- one report ----------------------------------------------------------------------------- */

struct reporting {
	const struct out_post *post;
	const struct tls_day *day;
	struct out_tls_about about;
	struct arena a;
	struct str host;
	struct mailaddr from;
	struct out_mail mail;
	int64_t key_s; /* of due: a part of a day has another key than the whole */
};

static struct str id_make(struct arena *a, struct str domain, const struct out_tls_about *about)
{
	uint8_t hash[HASH_BYTES];

	hash_blake2b_256(domain, hash);
	return str_fmt(a, "%" PRId64 "-%" PRId64 "-tls%02x%02x%02x%02x%02x%02x", about->begin_s,
	               about->end_s, hash[0], hash[1], hash[2], hash[3], hash[4], hash[5]);
}

static void letter_fill(struct reporting *x, struct str content)
{
	const struct out_tls_about *about = &x->about;
	struct arena *a = &x->a;
	struct str domain = x->day->domain, sender = x->from.domain;

	x->mail.letter = (struct out_letter){
		.organization = x->host,
		.from = x->from,
		.subject = str_fmt(
			a, "Report Domain: %.*s Submitter: %.*s Report-ID: <%.*s@%.*s>",
			STR_ARG(domain), STR_ARG(sender), STR_ARG(about->id), STR_ARG(x->host)),
		.fields = str_fmt(
			a, "TLS-Report-Domain: %.*s\r\nTLS-Report-Submitter: %.*s\r\n",
			STR_ARG(domain), STR_ARG(sender)),
		.multipart = STR("report; report-type=\"tlsrpt\""),
		.text = str_fmt(a, "This is an aggregate TLS report about\r\n%.*s,\r\n"
		                   "as %.*s has found its mail servers.\r\n",
		                STR_ARG(domain), STR_ARG(x->host)),
		.type = STR("application/tlsrpt+gzip"),
		.file = str_fmt(a, "%.*s!%.*s!%" PRId64 "!%" PRId64 ".json.gz", STR_ARG(sender),
		                STR_ARG(domain), about->begin_s, about->end_s),
		.content = content,
	};
}

static void due_begin(struct reporting *x)
{
	struct out_due *d = &x->mail.due;

	d->begin_s = x->key_s;
	d->end_s = x->about.end_s;
	d->kind = REPORT_TLS;
	d->domain = x->day->domain;
	d->id = x->about.id;
	d->messages = 0;
	for (size_t i = 0; i < x->day->tally_count; i++)
		d->messages += x->day->tallies[i].good + x->day->tallies[i].bad;
	x->mail.give_up_s = x->about.end_s + (int64_t)LIMIT_report_give_up_days * OUT_DAY_S;
}

static enum err make_and_send(struct reporting *x, struct why *why)
{
	struct buf json, file;
	enum err e = ERR_LIMIT;

	x->about.id = id_make(&x->a, x->day->domain, &x->about);
	buf_init(&json, LIMIT_report_bytes);
	buf_init(&file, FILE_MAX);
	out_tls_put(&json, &x->about, x->day);
	if (buf_ok(&json) && gzip_put(&file, buf_str(&json))) {
		letter_fill(x, buf_str(&file));
		due_begin(x);
		e = atomic_load(x->post->stop) ? OK : out_mail_send(&x->mail, why);
	}
	buf_deinit(&file);
	buf_deinit(&json);
	return e;
}

static enum err had(struct txn *t, void *arg)
{
	struct reporting *x = arg;

	return out_due_get(t, x->key_s, REPORT_TLS, x->day->domain, &x->a, &x->mail.due);
}

static enum err one_post(struct reporting *x, bool *waits, struct why *why)
{
	enum err e = store_read(x->post->config->store, had, x);
	bool waiting = e == OK && x->mail.due.state == OUT_WAITING;

	if (e != ERR_MISSING && e != OK)
		return e;
	if (waiting && x->mail.due.when_ms > clock_real_ms() && !x->post->now) {
		*waits = true;
		return OK;
	}
	if ((e == OK && !waiting) ||
	    !tls_ask(x->post, &x->a, x->day->domain, &x->mail.asked))
		return OK;
	e = make_and_send(x, why);
	*waits = *waits || x->mail.due.state == OUT_WAITING;
	return e;
}

/* --- all reports of a day ------------------------------------------------------------------- */

struct page {
	struct tls_query query;
	struct arena a;
	struct tls_days days;
};

static enum err page_read(struct txn *t, void *arg)
{
	struct page *p = arg;

	arena_reset(&p->a);
	return tls_days_find(t, &p->query, &p->a, &p->days);
}

static enum err tls_begin(struct reporting *x, uint32_t day, int64_t end_s)
{
	const struct settings *s = settings_ref(x->post->config->live);
	enum err e;

	x->host = str_dup(&x->a, s->hostname);
	settings_unref(s);
	e = out_from_find(x->post->config->store, x->host, &x->a, &x->from);
	x->about = (struct out_tls_about){ .organization = x->host,
		                           .contact = mailaddr_text(&x->a, &x->from),
		                           .begin_s = day * OUT_DAY_S,
		                           .end_s = (day + 1) * OUT_DAY_S - 1 };
	x->key_s = x->about.begin_s;
	if (end_s != 0) {
		x->about.end_s = end_s;
		x->key_s++;
	}
	x->mail = (struct out_mail){ .post = x->post, .a = &x->a, .tls_optional = true };
	return e;
}

static enum err page_post(const struct out_post *p, const struct tls_days *days, int64_t end_s,
                          bool *waits, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < days->count && !atomic_load(p->stop); i++) {
		struct reporting x = { .post = p, .day = &days->items[i] };

		e = tls_begin(&x, x.day->day, end_s);
		if (e == OK)
			e = one_post(&x, waits, why);
		arena_deinit(&x.a);
	}
	return e;
}

enum err out_tls_post(const struct out_post *p, uint32_t day, int64_t end_s, bool *waits,
                      struct why *why)
{
	struct page page = { .query = { .from_day = day, .to_day = day, .max = PAGE } };
	struct str after = { NULL, 0 }; /* str_new */
	enum err e;

	do {
		page.query.after = after;
		e = store_read(p->config->store, page_read, &page);
		str_free(&after);
		if (e == OK)
			e = page_post(p, &page.days, end_s, waits, why);
		if (e == OK && page.days.more)
			after = str_new(page.days.next_behind);
	} while (e == OK && page.days.more && !atomic_load(p->stop));
	str_free(&after);
	arena_deinit(&page.a);
	return e;
}
