/* flow/reports_out/failure_post.c: see reports_out_private.h. */
#include "flow/reports_out/reports_out_private.h"

#include "flow/reports_out/failed.h"
#include "formats/mailauth/spf_record.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/crypto/hash.h"
#include "model/store/store.h"
#include "network/dns/cancellable.h"

enum { AT_A_TIME = 20 };

/* One report being sent. */
struct posting {
	const struct out_post *post;
	struct arena a;
	struct str key;
	struct out_failed row;
	struct dns_cancellable dns;
	struct str host;
	struct mailaddr from;
	struct dmarc_record record;
	struct out_failure_about about;
	struct out_letter_part parts[2];
	struct buf fields, words;
	struct out_mail mail;
};

/* --- the message ---------------------------------------------------------------------------- */

/* The SPF record as DNS has it now: it is cached for some time. */
static struct str spf_ask(struct posting *x)
{
	struct str domain = x->row.failure.spf_domain;
	struct dns_text_list list = { .count = 0 };
	enum dns_status s = DNS_BADNAME;

	if (domain.n != 0)
		s = dns_txt(&x->dns.dns, &x->a, domain, clock_mono_ms() + LIMIT_report_dns_ms,
		            &list);
	for (size_t i = 0; s == DNS_OK && i < list.count; i++)
		if (str_startsi(list.items[i], STR("v=spf1")))
			return list.items[i];
	return STR_EMPTY;
}

static void letter_fill(struct posting *x)
{
	x->about = (struct out_failure_about){ .host = x->host,
		                               .agent = x->post->config->agent,
		                               .spf = spf_ask(x),
		                               .incidents = x->row.incidents,
		                               .failure = &x->row.failure };
	out_failure_words_put(&x->words, &x->about);
	out_failure_fields_put(&x->fields, &x->about, &x->a);
	assert(buf_ok(&x->words) && buf_ok(&x->fields)); /* their contents are limited */
	x->parts[0] = (struct out_letter_part){ STR("message/feedback-report"),
		                                buf_str(&x->fields) };
	x->parts[1] = (struct out_letter_part){ STR("text/rfc822-headers"),
		                                x->row.failure.header };
	x->mail.letter = (struct out_letter){
		.organization = x->host,
		.from = x->from,
		.subject = out_failure_subject(&x->row.failure, &x->a),
		.multipart = STR("report; report-type=feedback-report"), /* RFC 5965 2 */
		.text = buf_str(&x->words),
		.parts = x->parts,
		.part_count = COUNT(x->parts),
	};
}

static void due_fill(struct posting *x)
{
	struct out_due *d = &x->mail.due;
	uint8_t hash[HASH_BYTES];

	hash_blake2b_256(x->key, hash);
	d->begin_s = d->end_s = x->row.begin_s;
	d->kind = REPORT_FAILURE;
	d->domain = x->row.domain;
	d->id = str_fmt(&x->a, "%" PRId64 "-failure%02x%02x%02x%02x%02x%02x", d->begin_s, hash[0],
	                hash[1], hash[2], hash[3], hash[4], hash[5]);
	d->messages = x->row.incidents;
	x->mail.give_up_s =
		x->row.begin_s + (int64_t)LIMIT_report_give_up_days * OUT_DAY_S;
}

/* --- sending -------------------------------------------------------------------------------- */

static enum err failure_done(struct txn *t, void *arg)
{
	return out_failed_done(t, ((struct posting *)arg)->key);
}

static enum err make_and_send(struct posting *x, struct why *why)
{
	struct out_ask ask = { .dns = &x->dns.dns,
		               .domain = x->row.domain,
		               .uris = &x->record.ruf,
		               .failures = true,
		               .stop = x->post->stop };
	enum err e = out_from_find(x->post->config->store, x->host, &x->a, &x->from);
	struct why wrong;

	if (e)
		return e;
	dns_cancellable_init(&x->dns, x->post->config->dns, x->post->stop);
	(void)!dmarc_record_parse(x->row.record, DMARC_SUFFIXES, &x->record, &wrong);
	out_ask(&ask, &x->a, &x->mail.asked);
	letter_fill(x);
	due_fill(x);
	return atomic_load(x->post->stop) ? OK : out_mail_send(&x->mail, why);
}

static enum err failure_send(struct posting *x, struct why *why)
{
	const struct settings *s = settings_ref(x->post->config->live);
	enum err e;

	x->host = str_dup(&x->a, s->hostname);
	settings_unref(s);
	x->mail.post = x->post;
	x->mail.a = &x->a;
	x->mail.done = failure_done;
	x->mail.arg = x;
	buf_init(&x->words, OUT_FAILURE_WORDS);
	buf_init(&x->fields, OUT_FAILURE_FIELDS);
	e = make_and_send(x, why);
	buf_deinit(&x->words);
	buf_deinit(&x->fields);
	return e == ERR_MISSING ? OK : e;
}

/* --- pending reports ------------------------------------------------------------------------ */

struct looking {
	struct posting *x;
	struct str behind;
	bool waits;
};

static enum err failure_lookup(struct txn *t, void *arg)
{
	struct looking *l = arg;
	struct posting *x = l->x;
	struct out_due *due = &x->mail.due;
	enum err e = out_failed_next(t, l->behind, &x->a, &x->key, &x->row);

	if (e)
		return e;
	e = out_due_get(t, x->row.begin_s, REPORT_FAILURE, x->row.domain, &x->a, due);
	l->waits = e == OK && due->state == OUT_WAITING && due->when_ms > clock_real_ms() &&
	           !x->post->now;
	return e == ERR_MISSING ? OK : e;
}

/* Sends the report after *behind, which becomes its key; str_new. */
static enum err next_send(const struct out_post *p, struct str *behind, size_t *sent,
                          struct why *why)
{
	struct posting x = { .post = p };
	struct looking l = { .x = &x, .behind = *behind };
	enum err e = store_read(p->config->store, failure_lookup, &l);

	if (e == OK) {
		str_free(behind);
		*behind = str_new(x.key);
		*sent += !l.waits;
		e = l.waits ? OK : failure_send(&x, why);
	}
	arena_deinit(&x.a);
	return e;
}

enum err out_failure_post(const struct out_post *p, bool *more, struct why *why)
{
	struct str behind = { NULL, 0 }; /* str_new */
	size_t sent = 0;
	enum err e = OK;

	while (e == OK && sent < AT_A_TIME && !atomic_load(p->stop))
		e = next_send(p, &behind, &sent, why);
	*more = e == OK;
	str_free(&behind);
	return e == ERR_MISSING ? OK : e;
}
