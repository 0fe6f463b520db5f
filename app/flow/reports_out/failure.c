/* flow/reports_out/failure.c: see failure.h. */
#include "flow/reports_out/failure.h"

#include "flow/reports_out/hide.h"
#include "formats/message/build.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"

enum { FIELD_MAX = 4096, DOMAINS_MAX = 32 };

/* --- requested kinds ------------------------------------------------------------------------ */

unsigned report_failure_kinds(const struct report_failure *f, unsigned fo)
{
	bool dkim_less = f->has_dkim && !f->by_dkim, spf_less = f->has_spf && !f->by_spf;
	unsigned kinds = 0;

	/* RFC 7489 6.3, fo: 0: no aligned pass; 1: any without one. */
	if (((fo & DMARC_FO_ALL) && dkim_less && spf_less) ||
	    ((fo & DMARC_FO_ANY) && (dkim_less || spf_less)))
		return BIT(OUT_FAILURE_DMARC);
	if ((fo & DMARC_FO_DKIM) && f->dkim_failure != NULL)
		kinds |= BIT(OUT_FAILURE_DKIM);
	if ((fo & DMARC_FO_SPF) && f->spf_failed)
		kinds |= BIT(OUT_FAILURE_SPF);
	return kinds;
}

/* --- its header ----------------------------------------------------------------------------- */

enum how { AS_IT_IS, HIDE, HIDE_ALL, LIST, SIGNATURE };

/* Fields about the message's path and sender. Excluded: fields that only concern its
 * recipients, and unknown ones. */
static const struct {
	struct str name;
	enum how how;
} state[] = {
	{ STR("Return-Path"), HIDE },
	{ STR("Received"), HIDE_ALL }, /* "for" clause, and the authenticated user */
	{ STR("Received-SPF"), HIDE_ALL },
	{ STR("Authentication-Results"), HIDE },
	{ STR("ARC-Seal"), AS_IT_IS },
	{ STR("ARC-Message-Signature"), SIGNATURE },
	{ STR("ARC-Authentication-Results"), HIDE },
	{ STR("DKIM-Signature"), SIGNATURE },
	{ STR("From"), AS_IT_IS },
	{ STR("Sender"), HIDE },
	{ STR("Reply-To"), HIDE },
	{ STR("Resent-From"), HIDE },
	{ STR("Resent-Sender"), HIDE },
	{ STR("Resent-Date"), AS_IT_IS },
	{ STR("Resent-Message-ID"), HIDE },
	{ STR("To"), LIST },
	{ STR("Cc"), LIST },
	{ STR("Date"), AS_IT_IS },
	{ STR("Subject"), HIDE },
	{ STR("Message-ID"), HIDE },
	{ STR("List-Id"), HIDE },
	{ STR("Precedence"), HIDE },
	{ STR("Auto-Submitted"), HIDE },
	{ STR("User-Agent"), HIDE },
	{ STR("X-Mailer"), HIDE },
	{ STR("MIME-Version"), AS_IT_IS },
	{ STR("Content-Type"), HIDE },
	{ STR("Content-Transfer-Encoding"), AS_IT_IS },
};

struct making {
	struct out_hide hide;
	struct arena *a;
	struct out_failure *out;
	struct buf header, value;
};

/* Without copies of other fields (z=, RFC 6376 3.5): To may be among them. */
static void signature_put(struct buf *out, struct str value)
{
	struct cur c = cur_of(value);

	while (!cur_done(&c)) {
		struct str tag;
		ptrdiff_t equals;

		if (!cur_until(&c, ';', &tag))
			cur_take(&c, cur_left(&c), &tag);
		cur_byte(&c, ';');
		equals = str_find_byte(tag, '=');
		if (equals > 0 && str_eq(str_trim(str_sub(tag, 0, (size_t)equals)), STR("z")))
			continue;
		buf_put(out, out->n != 0 ? STR(";") : STR_EMPTY);
		buf_put(out, tag);
	}
}

static struct str hidden(struct making *m, struct str value, enum how how)
{
	struct str line = out_ascii(m->a, header_unfold(m->a, value));

	buf_reset(&m->value);
	if (how == LIST)
		out_hide_list(&m->value, &m->hide, line, m->a);
	else if (how == SIGNATURE)
		signature_put(&m->value, line);
	else if (how == AS_IT_IS)
		buf_put(&m->value, line);
	else
		out_hide_put(&m->value, &m->hide, line, how == HIDE_ALL);
	return buf_str(&m->value);
}

/* Append the field, or nothing if it does not fit. */
static void field_put(struct making *m, struct str name, struct str value)
{
	size_t before = m->header.n;

	if (!buf_ok(&m->value) || out_word_is_long(value) ||
	    before + name.n + 2 * value.n + 8 > OUT_FAILURE_HEADER_MAX)
		return;
	build_field(&m->header, name, value);
}

static void failure_field_take(struct making *m, const struct header_field *f)
{
	if (f->value.n > FIELD_MAX)
		return;
	for (size_t i = 0; i < COUNT(state); i++)
		if (str_eqi(f->name, state[i].name)) {
			field_put(m, state[i].name, hidden(m, f->value, state[i].how));
			return;
		}
}

static void failure_header_take(struct making *m, struct str message)
{
	struct str header =
		str_sub(message, 0, MIN(header_size(str_sub(message, 0, OUT_FAILURE_LOOK)),
	                                (size_t)OUT_FAILURE_LOOK));
	struct cur c = cur_of(header);
	struct header_field f;
	struct arena *kept = m->a;
	struct arena a = { 0 };

	m->a = &a;
	for (; header_next(&c, &f); arena_reset(&a))
		failure_field_take(m, &f);
	arena_deinit(&a);
	m->a = kept;
	m->out->header = str_dup(m->a, buf_str(&m->header));
	if (header_find(header, STR("Subject"), &f) && f.value.n <= FIELD_MAX)
		m->out->subject = str_dup(
			m->a, str_sub(hidden(m, f.value, HIDE), 0, OUT_FAILURE_TEXT_MAX));
}

/* --- its envelope --------------------------------------------------------------------------- */

static struct str failure_do_text(struct making *m, struct str s)
{
	return out_ascii(m->a, str_sub(s, 0, OUT_FAILURE_TEXT_MAX));
}

/* "<ada@example.org>", with a replaced local part. */
static struct str path(struct making *m, const struct mailaddr *who, bool hide)
{
	if (mailaddr_is_null(who))
		return STR("<>");
	buf_reset(&m->value);
	if (hide)
		out_hide_local(&m->value, &m->hide, who->local, who->domain);
	else
		address_put_local(&m->value, who->local);
	return failure_do_text(m, str_fmt(m->a, "<%.*s@%.*s>", STR_ARG(buf_str(&m->value)),
	                                  STR_ARG(who->domain)));
}

/* A foreign return path may contain the recipient, or name a mailing list: hide it. */
static bool is_authors(const struct report_failure *f)
{
	return str_eqi(f->from.domain, f->author) ||
	       mailaddr_domain_within(f->from.domain, f->domain);
}

static struct str ip_text(struct arena *a, const struct addr *ip)
{
	char room[ADDR_TEXT_MAX];
	struct str s = addr_ip_text(ip, room);

	/* RFC 5965 3.2, RFC 5321 4.1.3: IPv6-address-literal */
	return ip->family == ADDR_V6 ? str_fmt(a, "IPv6:%.*s", STR_ARG(s)) : str_dup(a, s);
}

static void envelope_take(struct making *m, const struct report_failure *f)
{
	struct out_failure *o = m->out;

	o->author = failure_do_text(m, f->author);
	o->ip = ip_text(m->a, &f->ip);
	o->mail_from = path(m, &f->from, !is_authors(f));
	for (; o->to_count < MIN(f->to_count, (size_t)OUT_FAILURE_TO_MAX); o->to_count++)
		o->to[o->to_count] = path(m, &f->to[o->to_count], true);
	o->envelope_id = failure_do_text(m, f->envelope_id);
	o->dkim_failure = str_of(f->dkim_failure != NULL ? f->dkim_failure : "");
	o->dkim_domain = failure_do_text(m, f->dkim_domain);
	o->dkim_identity = failure_do_text(m, f->dkim_identity);
	o->dkim_selector = failure_do_text(m, f->dkim_selector);
	o->spf_domain = failure_do_text(m, f->spf_domain);
}

/* Our results; the return path is also in them. */
static void results_take(struct making *m, const struct report_failure *f)
{
	struct str found = out_ascii(m->a, header_unfold(m->a, f->results));
	struct str from = mailaddr_text(m->a, &f->from);
	ptrdiff_t at = is_authors(f) || mailaddr_is_null(&f->from) ? -1 : str_find(found, from);

	if (at >= 0) {
		struct str path = m->out->mail_from;

		found = str_fmt(m->a, "%.*s%.*s%.*s", STR_ARG(str_sub(found, 0, (size_t)at)),
		                STR_ARG(str_sub(path, 1, path.n - 1)),
		                STR_ARG(str_sub(found, (size_t)at + from.n, found.n)));
	}
	if (found.n <= OUT_FAILURE_RESULTS_MAX && !out_word_is_long(found))
		m->out->results = found;
}

/* Without duplicates; beyond DOMAINS_MAX, further domains are ignored. */
static size_t domains_of(const struct report_failure *f, struct mailaddr out[DOMAINS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < f->to_count && n < DOMAINS_MAX; i++) {
		size_t k = 0;

		while (k < n && !str_eqi(out[k].domain, f->to[i].domain))
			k++;
		if (k == n)
			out[n++] = f->to[i];
	}
	return n;
}

void out_failure_make(const struct report_failure *f, enum out_failure_kind kind, int64_t now_ms,
                      const uint8_t key[static OUT_FAILURE_KEY], struct arena *a,
                      struct out_failure *out)
{
	struct mailaddr people[DOMAINS_MAX];
	struct making m = { .hide = { key, people, domains_of(f, people) }, .a = a, .out = out };

	*out = (struct out_failure){ .kind = kind,
		                     .fate = f->fate,
		                     .by_dkim = f->by_dkim,
		                     .by_spf = f->by_spf,
		                     .arrived_ms = now_ms };
	buf_init(&m.header, OUT_FAILURE_HEADER_MAX);
	buf_init(&m.value, 2 * FIELD_MAX);
	envelope_take(&m, f);
	results_take(&m, f);
	failure_header_take(&m, f->message);
	buf_deinit(&m.value);
	buf_deinit(&m.header);
}
