/* flow/reports_in/mail.c: see mail.h. */
#include "flow/reports_in/mail.h"

#include "flow/reports_in/reports_in_private.h"
#include "flow/reports_in/unpack.h"
#include "formats/message/authors.h"
#include "formats/message/decode.h"
#include "formats/message/header.h"
#include "formats/message/param.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/utf8.h"

enum { DOCUMENTS_MAX = 8, NAME_MAX_BYTES = 200, NAME_HASH_BYTES = 16, AUTHORS_MAX = 5 };

/* One mail. */
struct reading {
	const struct report_mail *m;
	const struct report_mail_taker *taker;
	struct message message;
	struct arena a;
	struct str author, author_domain, message_id;
	unsigned documents;
	struct report_draft *draft; /* of the current document */
};

bool report_mail_may(struct str raw)
{
	struct header_field f;
	struct cur c;
	struct str type, subtype;

	if (!header_find(str_sub(raw, 0, header_size(raw)), STR("Content-Type"), &f))
		return false;
	c = cur_of(f.value);
	return param_head_parse(&c, &type, &subtype) &&
	       (str_eqi(type, STR("multipart")) || str_eqi(type, STR("application")) ||
	        str_eqi(subtype, STR("xml")));
}

/* --- the author ----------------------------------------------------------------------------- */

static void author_find(struct reading *r)
{
	struct str header = str_sub(r->m->raw, 0, header_size(r->m->raw));
	struct header_field f;
	struct authors authors;

	if (header_find(header, STR("Message-ID"), &f))
		r->message_id = utf8_cut(str_trim(header_unfold(&r->a, f.value)), NAME_MAX_BYTES);
	/* with several authors the reporter is unknown */
	if (header_count(header, STR("From")) != 1 || !header_find(header, STR("From"), &f) ||
	    authors_parse(&r->a, f.value, AUTHORS_MAX, &authors) != OK || authors.n != 1)
		return;
	r->author = utf8_cut(mailaddr_text(&r->a, &authors.items[0]), NAME_MAX_BYTES);
	r->author_domain = authors.items[0].domain;
}

/* --- documents ------------------------------------------------------------------------------ */

static enum err proof_look(struct reading *r, struct report_in *head, struct why *why)
{
	enum report_signed how = REPORT_SIGNED_UNKNOWN;

	if (r->m->ours)
		head->proven = true;
	else if (head->kind != REPORT_TLS)
		head->proven = report_proof(r->m->results, r->author_domain);
	else
		how = report_signed(r->m->results, r->author_domain);
	head->proven = head->proven || how == REPORT_SIGNED;
	if (how == REPORT_UNSIGNED)
		return fail(why, ERR_DENIED,
		            "its author's domain has not signed it, as RFC 8460 asks");
	return OK;
}

static void draft_tell(struct reading *r, enum err e, struct why *why)
{
	struct report_draft *d = r->draft;

	d->head.received_ms = r->m->received_ms;
	d->head.from = r->author;
	if (e == OK)
		e = proof_look(r, &d->head, why);
	if (e == OK)
		e = report_draft_times(d, r->m->received_ms, r->m->days, why);
	if (e != ERR_MISSING)
		r->taker->take(r->taker->arg, d, e, why);
	report_draft_free(&r->draft);
}

static void document_begin(void *arg)
{
	struct reading *r = arg;

	r->draft = report_draft_new();
}

static bool document_piece(void *arg, struct str bytes)
{
	struct reading *r = arg;

	return report_draft_piece(r->draft, bytes);
}

static void document_end(void *arg, bool whole)
{
	struct reading *r = arg;
	struct why why = { "" };

	if (whole)
		draft_tell(r, report_draft_end(r->draft, &why), &why);
	report_draft_free(&r->draft);
}

/* Report an archive that cannot be unpacked, as an empty document. */
static void archive_tell(struct reading *r, enum err e, struct why *why)
{
	r->draft = report_draft_new();
	draft_tell(r, e, why);
}

static void attachment_read(struct reading *r, const struct part *p)
{
	static const struct unpack_limits limits = { .bytes = LIMIT_report_in_unpacked,
		                                     .ratio = LIMIT_report_in_ratio,
		                                     .free = 1 << 20,
		                                     .inner = LIMIT_report_in_packed,
		                                     .members = LIMIT_report_in_files };
	const struct unpack_taker taker = { document_begin, document_piece, document_end, r };
	struct why why = { "" };
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_report_in_packed);
	decode_bytes(&b, p->encoding_kind, message_str(&r->message, p->body));
	e = buf_ok(&b) ? unpack(buf_str(&b), &limits, &taker, &why)
	               : fail(&why, ERR_LIMIT, "the attachment has more than %d bytes",
	                      LIMIT_report_in_packed);
	buf_deinit(&b);
	if (e != OK)
		archive_tell(r, e, &why);
}

/* --- parts ---------------------------------------------------------------------------------- */

/* Identifier of a feedback report, which has none of its own: its Message-ID, or a hash
 * of its contents, so that duplicates are recognized. */
static struct str feedback_name(struct reading *r)
{
	struct str body = str_sub(r->m->raw, header_size(r->m->raw), r->m->raw.n);
	uint8_t hash[HASH_BYTES];
	struct buf b;
	char room[2 * NAME_HASH_BYTES];

	if (r->message_id.n != 0)
		return r->message_id;
	hash_blake2b_256(body, hash);
	buf_init_in(&b, room, sizeof room);
	for (int i = 0; i < NAME_HASH_BYTES; i++)
		buf_fmt(&b, "%02x", hash[i]);
	return str_dup(&r->a, buf_str(&b));
}

static void feedback_read(struct reading *r)
{
	struct why why = { "" };
	struct wire_arf arf;
	enum err e;

	if (!wire_arf_parse(&r->message, &r->a, &arf))
		return;
	r->draft = report_draft_new();
	r->draft->head.report_id = feedback_name(r);
	e = report_draft_arf(r->draft, &arf, r->m->received_ms, &why);
	draft_tell(r, e, &why);
}

/* Skip messages within the message: their attachments are not reports to this server. */
static void parts_read(struct reading *r)
{
	uint32_t skip_to = 0;

	for (uint32_t i = 0; i < r->message.n && r->documents < DOCUMENTS_MAX; i++) {
		const struct part *p = &r->message.parts[i];

		if (p->kind == PART_MESSAGE)
			skip_to = MAX(skip_to, p->body.off + p->body.len);
		if (p->body.off < skip_to || !report_part_may(&r->message, p, &r->a))
			continue;
		r->documents++;
		attachment_read(r, p);
	}
}

void report_mail_read(const struct report_mail *m, const struct report_mail_taker *taker)
{
	struct reading r = { .m = m, .taker = taker };

	message_parse(&r.a, m->raw, m->limits, &r.message);
	author_find(&r);
	feedback_read(&r);
	parts_read(&r);
	arena_deinit(&r.a);
}
