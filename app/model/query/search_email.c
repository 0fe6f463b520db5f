/* model/query/search_email.c: see search_email.h. */
#include "formats/message/envelope.h"
#include "foundation/text/date.h"
#include "foundation/text/fold.h"
#include "model/search/fuzzy_text.h"
#include "model/search/text.h"
#include "model/query/search_email.h"

enum { DAY_MS = 86400000 };

/* Searches a pattern in texts that arrive in pieces. */
struct seeker {
	struct str pattern;
	unsigned fields;   /* BIT(enum search_field) of the fields to search */
	bool with_names;   /* names of fields are part of the text */
	struct buf folded; /* the end of the text so far */
	bool found;
};

static void seeker_init(struct seeker *k, unsigned fields, struct str pattern, bool with_names)
{
	*k = (struct seeker){ .pattern = pattern, .fields = fields, .with_names = with_names };
	buf_init(&k->folded, FOLD_GROWTH * SEARCH_FOLD_PIECE + pattern.n);
}

static void seeker_deinit(struct seeker *k)
{
	buf_deinit(&k->folded);
}

/* Folding can expand text greatly, so it is done piece by piece, with enough of the
 * previous piece for a pattern across the boundary. */
static void seeker_take(struct seeker *k, struct str text)
{
	while (text.n && !k->found) {
		fold_put(&k->folded, search_fold_piece(&text));
		k->found = str_find(buf_str(&k->folded), k->pattern) >= 0;
		if (k->folded.n >= k->pattern.n)
			buf_drop(&k->folded, k->folded.n - k->pattern.n + 1);
	}
}

static bool seek(void *arg, const struct search_piece *p)
{
	struct seeker *k = arg;

	if (!(k->fields & BIT(p->field)))
		return true;
	if (k->pattern.n == 0)
		k->found = true;
	if (p->first)
		buf_reset(&k->folded);
	if (p->header && k->with_names) {
		seeker_take(k, p->name);
		seeker_take(k, STR(": "));
	}
	seeker_take(k, p->text);
	return !k->found;
}

bool search_text_has(struct str text, struct str pattern)
{
	struct search_piece p = { .first = true, .text = text };
	struct seeker k;

	seeker_init(&k, SEARCH_EVERYWHERE, pattern, false);
	(void)seek(&k, &p);
	seeker_deinit(&k);
	return k.found;
}

/* --- loading by level ----------------------------------------------------------------- */

static enum err load_record(struct search_email *x)
{
	struct envelope envelope;
	struct date date;
	enum err e = email_get(x->m, x->row.email, &x->email);

	if (!e)
		e = email_describe(x->m, &x->arena, &x->email);
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
	(void)buf_room(&x->raw, n); /* at once: growing would need twice as much */
	return blob_get(x->m->t, &x->email.blob, 0, n, &x->raw);
}

static enum err email_match_load(struct search_email *x, enum search_level level)
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

/* Does a field of that name contain the pattern? An empty name is any field, including
 * its name. */
static bool header_has(struct str header, struct str name, struct str pattern)
{
	struct seeker k;

	seeker_init(&k, SEARCH_EVERYWHERE, pattern, name.n == 0);
	(void)search_header_walk(header, name, seek, &k);
	seeker_deinit(&k);
	return k.found;
}

/* Search after the header: the body, and with TEXT also the headers of parts. */
static bool body_has(struct search_email *x, enum query_op op, struct str pattern)
{
	struct arena a = { 0 };
	struct message message;
	struct seeker k;

	seeker_init(&k, op == QUERY_TEXT ? SEARCH_EVERYWHERE : BIT(FIELD_BODY), pattern, true);
	message_parse(&a, buf_str(&x->raw), x->limits, &message);
	(void)search_body_walk(&message, seek, &k);
	seeker_deinit(&k);
	arena_deinit(&a);
	return k.found;
}

/* FUZZY score of a loaded message: needs its language, hence all of it. False: the
 * pattern has no word and is matched literally. */
static bool fuzzy_score(struct search_email *x, const struct query_step *step,
                        unsigned *score)
{
	bool all, has_words;
	unsigned fields = search_plan_fields(step, &all);
	struct fuzzy f;

	fuzzy_init(&f, step->text, fields);
	has_words = f.n != 0;
	if (has_words)
		*score = fuzzy_text_score(&f, fields, all ? STR_EMPTY : step->name,
		                          buf_str(&x->raw), x->email.header_bytes, x->limits);
	fuzzy_deinit(&f);
	return has_words;
}

static enum verdict test_text(struct search_email *x, const struct query_step *step)
{
	enum verdict known = search_plan_says(x->plan, step, x->row.email);
	struct str header;
	unsigned score;

	if (known != VERDICT_UNKNOWN || x->level < LEVEL_HEADER)
		return known;
	if (step->fuzzy && x->level < LEVEL_BODY)
		return VERDICT_UNKNOWN;
	if (step->fuzzy && fuzzy_score(x, step, &score))
		return verdict_of(score != 0);
	header = str_sub(buf_str(&x->raw), 0, x->email.header_bytes);
	if (step->op == QUERY_HEADER)
		return verdict_of(header_has(header, step->name, step->text));
	if (step->op == QUERY_TEXT && header_has(header, STR_EMPTY, step->text))
		return VERDICT_YES;
	if (x->level < LEVEL_BODY)
		return VERDICT_UNKNOWN;
	return verdict_of(step->text.n == 0 || body_has(x, step->op, step->text));
}

static enum verdict test_near(const struct query_step *step, int64_t value)
{
	return verdict_of(query_near(step, value) != 0);
}

static enum verdict test_sent(struct search_email *x, const struct query_step *step)
{
	if (x->level < LEVEL_RECORD)
		return VERDICT_UNKNOWN;
	return x->dated ? test_near(step, x->sent_day) : VERDICT_NO;
}

/* Rounded down, also before 1970. */
static int64_t day_of(int64_t ms)
{
	return ms >= 0 ? ms / DAY_MS : -((DAY_MS - 1 - ms) / DAY_MS);
}

/* The value for query_near. */
static int64_t value_of(const struct search_email *x, enum query_op op)
{
	switch (op) {
	case QUERY_SIZE:
		return x->row.size_bytes;
	case QUERY_RECEIVED:
		return x->row.internal_ms;
	case QUERY_SAVED_DAY: /* without a save date the internal date (RFC 8514 4.3) */
		return day_of(x->row.saved_s ? 1000 * x->row.saved_s : x->row.internal_ms);
	case QUERY_SENT_DAY:
		return x->sent_day;
	case QUERY_AGE:
		return (x->now_ms - x->row.internal_ms) / 1000;
	default:
		return day_of(x->row.internal_ms);
	}
}

static enum verdict test_step(struct search_email *x, const struct query_step *step)
{
	switch (step->op) {
	case QUERY_ALL:
		return VERDICT_YES;
	case QUERY_FLAG:
		return verdict_of(step->number >= 0 &&
		                  flags_has(x->row.flags, (unsigned)step->number));
	case QUERY_SENT_DAY:
		return test_sent(x, step);
	case QUERY_HEADER:
	case QUERY_BODY:
	case QUERY_TEXT:
		return test_text(x, step);
	case QUERY_CALLER:
		return x->test(x, (size_t)(step - x->program->steps), x->arg);
	default:
		return test_near(step, value_of(x, step->op));
	}
}

static enum verdict test(const struct query_step *step, void *arg)
{
	struct search_email *x = arg;
	enum verdict v = test_step(x, step);

	x->vague = x->vague || (step->fuzzy && v == VERDICT_UNKNOWN);
	return v;
}

/* --- scores ----------------------------------------------------------------------------- */

static bool is_text(enum query_op op)
{
	return op == QUERY_HEADER || op == QUERY_BODY || op == QUERY_TEXT;
}

static bool is_range(enum query_op op)
{
	return op >= QUERY_SIZE && op <= QUERY_AGE;
}

/* Keys other than texts, dates, sizes and ages match exactly, even with FUZZY (RFC 6203
 * 5): flags, UIDs, numbers, ids. */
static unsigned score(const struct query_step *step, void *arg)
{
	struct search_email *x = arg;
	unsigned score;

	if (test_step(x, step) != VERDICT_YES)
		return 0;
	if (!step->fuzzy)
		return QUERY_SCORE_PLAIN;
	if (is_range(step->op))
		return query_near(step, value_of(x, step->op));
	if (!is_text(step->op))
		return QUERY_SCORE_PLAIN;
	if (search_plan_says(x->plan, step, x->row.email) == VERDICT_YES)
		return search_plan_score(x->plan, step, x->row.email);
	return fuzzy_score(x, step, &score) ? score : QUERY_SCORE_MAX;
}

enum err search_email_run(struct search_email *x, const struct query_program *p, bool *match)
{
	enum verdict v = VERDICT_UNKNOWN;
	enum err e = OK;

	x->program = p;
	x->vague = true;
	for (int level = LEVEL_ROW; level < LEVEL_LEVELS; level++) {
		if (v == VERDICT_NO || (v == VERDICT_YES && !(x->scored && x->vague)))
			break;
		x->vague = false;
		if ((e = email_match_load(x, (enum search_level)level)))
			break;
		v = query_run(p, test, x);
	}
	*match = !e && v == VERDICT_YES;
	x->score = *match && x->scored ? query_score(p, score, x) : QUERY_SCORE_MAX;
	buf_deinit(&x->raw);
	arena_deinit(&x->arena);
	return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
}
