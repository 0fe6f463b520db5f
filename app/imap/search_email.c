/* imap/search_email.c: see search_email.h. */
#include "imap/search_email.h"
#include "message/decode.h"
#include "message/encword.h"
#include "message/envelope.h"
#include "message/header.h"
#include "text/date.h"
#include "text/fold.h"
#include "text/html.h"
#include "text/utf8.h"

enum {
	DAY_MS = 86400000,
	FOLD_PIECE = 32 << 10,     /* text is folded in pieces of this size       */
	FOLD_MAX = 20 * FOLD_PIECE /* what a piece and a pattern can grow to      */
};

bool search_text_has(struct str text, struct str pattern)
{
	struct buf folded;
	bool found = pattern.n == 0;

	/* Folding can make text much longer, so only a piece at a time, and with it as much
	 * of the one before as a pattern that lies across the seam can need. */
	buf_init(&folded, FOLD_MAX + pattern.n);
	while (text.n && !found) {
		struct str piece = utf8_cut(text, FOLD_PIECE);

		if (piece.n == 0) /* one endless broken character */
			piece = str_sub(text, 0, FOLD_PIECE);
		fold_put(&folded, piece);
		text = str_sub(text, piece.n, text.n);
		found = str_find(buf_str(&folded), pattern) >= 0;
		if (folded.n >= pattern.n)
			buf_drop(&folded, folded.n - pattern.n + 1);
	}
	buf_deinit(&folded);
	return found;
}

/* --- what each level needs ------------------------------------------------------------ */

static enum err load_record(struct search_email *x)
{
	struct envelope envelope;
	struct date date;
	enum err e = email_get(x->m, x->row.email, &x->email);

	if (e)
		return e;
	if (!envelope_unpack(&x->arena, x->email.envelope, &envelope))
		return ERR_CORRUPT;
	x->dated = (envelope.has & ENVELOPE_DATE) && date_parse_mail(envelope.date, &date);
	if (x->dated)
		x->sent_day = date_day(&date);
	return OK;
}

static enum err load_bytes(struct search_email *x, size_t n)
{
	buf_deinit(&x->raw);
	buf_init(&x->raw, n + 1);
	return blob_get(x->m->t, &x->email.blob, 0, n, &x->raw);
}

static enum err load(struct search_email *x, enum search_level level)
{
	x->level = level;
	switch (level) {
	case LEVEL_RECORD:
		return load_record(x);
	case LEVEL_HEADER:
		return load_bytes(x, x->email.header_bytes);
	case LEVEL_BODY:
		return load_bytes(x, x->email.size_bytes);
	default:
		return OK;
	}
}

/* --- keys ------------------------------------------------------------------------------ */

static enum verdict verdict_of(bool yes)
{
	return yes ? VERDICT_YES : VERDICT_NO;
}

/* A field of that name contains the pattern; an empty name is any field, with its name. */
static bool header_has(struct str header, struct str name, struct str pattern)
{
	struct cur c = cur_of(header);
	struct header_field field;
	struct buf text;
	bool found = false;

	buf_init(&text, 4 * header.n + 16);
	while (!found && header_next(&c, &field)) {
		if (name.n && !str_eqi(field.name, name))
			continue;
		buf_reset(&text);
		if (!name.n) {
			buf_put(&text, field.name);
			buf_put(&text, STR(": "));
		}
		encword_text_put(&text, field.value);
		found = search_text_has(buf_str(&text), pattern);
	}
	buf_deinit(&text);
	return found;
}

static bool part_has(const struct message *m, uint32_t i, struct str pattern)
{
	const struct part *p = &m->parts[i];
	struct buf text, plain;
	bool found;

	/* The header of a message inside belongs to the body of the one around it. */
	if (p->parent != PART_NONE && m->parts[p->parent].kind == PART_MESSAGE &&
	    header_has(message_str(m, p->header), STR_EMPTY, pattern))
		return true;
	if (p->kind != PART_LEAF || !message_is(m, p, STR("text"), STR_EMPTY))
		return false;
	buf_init(&text, 4 * (size_t)p->body.len + 16);
	buf_init(&plain, 4 * (size_t)p->body.len + 16);
	decode_part_text(&text, m, i);
	if (message_is(m, p, STR("text"), STR("html")))
		html_text_put(&plain, buf_str(&text));
	found = search_text_has(plain.n ? buf_str(&plain) : buf_str(&text), pattern);
	buf_deinit(&plain);
	buf_deinit(&text);
	return found;
}

static bool body_has(struct search_email *x, struct str pattern)
{
	struct arena a = { 0 };
	struct message message;
	bool found = false;

	message_parse(&a, buf_str(&x->raw), x->limits, &message);
	for (uint32_t i = 0; i < message.n && !found; i++)
		found = part_has(&message, i, pattern);
	arena_deinit(&a);
	return found;
}

static enum verdict test_text(struct search_email *x, const struct imap_search_step *step)
{
	struct str header;

	if (x->level < LEVEL_HEADER)
		return VERDICT_UNKNOWN;
	header = str_sub(buf_str(&x->raw), 0, x->email.header_bytes);
	if (step->op == SEARCH_HEADER)
		return verdict_of(header_has(header, step->name, step->text));
	if (step->op == SEARCH_TEXT && header_has(header, STR_EMPTY, step->text))
		return VERDICT_YES;
	if (x->level < LEVEL_BODY)
		return VERDICT_UNKNOWN;
	return verdict_of(step->text.n == 0 || body_has(x, step->text));
}

static enum verdict test_sent(struct search_email *x, const struct imap_search_step *step)
{
	if (x->level < LEVEL_RECORD)
		return VERDICT_UNKNOWN;
	if (!x->dated)
		return VERDICT_NO;
	if (step->op == SEARCH_SENTBEFORE)
		return verdict_of(x->sent_day < step->number);
	if (step->op == SEARCH_SENTON)
		return verdict_of(x->sent_day == step->number);
	return verdict_of(x->sent_day >= step->number);
}

/* Rounded down, also before 1970. */
static int64_t day_of(int64_t ms)
{
	return ms >= 0 ? ms / DAY_MS : -((DAY_MS - 1 - ms) / DAY_MS);
}

static enum verdict test(const struct imap_search_step *step, void *arg)
{
	struct search_email *x = arg;
	int64_t day = day_of(x->row.internal_ms);
	int64_t age_s = (x->now_ms - x->row.internal_ms) / 1000;

	switch (step->op) {
	case SEARCH_ALL:
		return VERDICT_YES;
	case SEARCH_SEQ:
		return verdict_of(imap_seq_has(&step->set, x->seq));
	case SEARCH_UID:
		return verdict_of(imap_seq_has(&step->set, x->row.uid));
	case SEARCH_FLAG:
		return verdict_of(step->number >= 0 &&
		                  flags_has(x->row.flags, (unsigned)step->number));
	case SEARCH_RECENT:
		return verdict_of(x->recent);
	case SEARCH_LARGER:
		return verdict_of((int64_t)x->row.size_bytes > step->number);
	case SEARCH_SMALLER:
		return verdict_of((int64_t)x->row.size_bytes < step->number);
	case SEARCH_BEFORE:
		return verdict_of(day < step->number);
	case SEARCH_ON:
		return verdict_of(day == step->number);
	case SEARCH_SINCE:
		return verdict_of(day >= step->number);
	case SEARCH_YOUNGER:
		return verdict_of(age_s <= step->number);
	case SEARCH_OLDER:
		return verdict_of(age_s >= step->number);
	case SEARCH_SENTBEFORE:
	case SEARCH_SENTON:
	case SEARCH_SENTSINCE:
		return test_sent(x, step);
	default:
		return test_text(x, step);
	}
}

enum err search_email_run(struct search_email *x, const struct imap_search *s, bool *match)
{
	enum verdict v = VERDICT_UNKNOWN;
	enum err e = OK;

	for (int level = LEVEL_ROW; level < LEVEL_LEVELS && v == VERDICT_UNKNOWN; level++) {
		e = load(x, (enum search_level)level);
		if (e)
			break;
		v = imap_search_run(s, test, x);
	}
	*match = !e && v == VERDICT_YES;
	buf_deinit(&x->raw);
	arena_deinit(&x->arena);
	return e == ERR_MISSING ? OK : e;
}
