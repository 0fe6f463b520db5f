/* imap/wire_search.c: see wire_search.h. */
#include "imap/wire_search.h"
#include "base/arena.h"
#include "base/buf.h"
#include "text/charset.h"
#include "text/date.h"
#include "text/fold.h"

enum search_arg {
	ARG_NONE,
	ARG_TEXT,
	ARG_DATE,
	ARG_NUMBER,
	ARG_SET,
	ARG_KEYWORD,
	ARG_OBJECTID,
	ARG_FIELD,
	ARG_MODSEQ,
};

static const struct search_key {
	struct str key;
	enum imap_search_op op;
	enum search_arg arg;
	bool negated;
	struct str name; /* of the flag or header field */
} keys[] = {
#define KEY(key)                     \
	{                            \
		key, sizeof(key) - 1 \
	}
#define FLAG(key, name)                                           \
	{                                                         \
		KEY(key), SEARCH_FLAG, ARG_NONE, false, KEY(name) \
	}
#define UNFLAG(key, name)                                        \
	{                                                        \
		KEY(key), SEARCH_FLAG, ARG_NONE, true, KEY(name) \
	}
#define FIELD(key)                                                 \
	{                                                          \
		KEY(key), SEARCH_HEADER, ARG_TEXT, false, KEY(key) \
	}
#define OTHER(key, op, arg)                       \
	{                                         \
		KEY(key), op, arg, false, KEY("") \
	}
#define UNOTHER(key, op, arg)                    \
	{                                        \
		KEY(key), op, arg, true, KEY("") \
	}
	OTHER("ALL", SEARCH_ALL, ARG_NONE),
	FLAG("ANSWERED", "\\Answered"),
	FIELD("BCC"),
	OTHER("BEFORE", SEARCH_BEFORE, ARG_DATE),
	OTHER("BODY", SEARCH_BODY, ARG_TEXT),
	FIELD("CC"),
	FLAG("DELETED", "\\Deleted"),
	FLAG("DRAFT", "\\Draft"),
	FLAG("FLAGGED", "\\Flagged"),
	FIELD("FROM"),
	OTHER("EMAILID", SEARCH_EMAILID, ARG_OBJECTID),
	OTHER("HEADER", SEARCH_HEADER, ARG_FIELD),
	OTHER("KEYWORD", SEARCH_FLAG, ARG_KEYWORD),
	OTHER("LARGER", SEARCH_LARGER, ARG_NUMBER),
	OTHER("MODSEQ", SEARCH_MODSEQ, ARG_MODSEQ),
	UNOTHER("OLD", SEARCH_RECENT, ARG_NONE),
	OTHER("OLDER", SEARCH_OLDER, ARG_NUMBER),
	OTHER("ON", SEARCH_ON, ARG_DATE),
	OTHER("RECENT", SEARCH_RECENT, ARG_NONE),
	OTHER("SAVEDATESUPPORTED", SEARCH_SAVEDATESUPPORTED, ARG_NONE),
	OTHER("SAVEDBEFORE", SEARCH_SAVEDBEFORE, ARG_DATE),
	OTHER("SAVEDON", SEARCH_SAVEDON, ARG_DATE),
	OTHER("SAVEDSINCE", SEARCH_SAVEDSINCE, ARG_DATE),
	FLAG("SEEN", "\\Seen"),
	OTHER("SENTBEFORE", SEARCH_SENTBEFORE, ARG_DATE),
	OTHER("SENTON", SEARCH_SENTON, ARG_DATE),
	OTHER("SENTSINCE", SEARCH_SENTSINCE, ARG_DATE),
	OTHER("SINCE", SEARCH_SINCE, ARG_DATE),
	OTHER("SMALLER", SEARCH_SMALLER, ARG_NUMBER),
	FIELD("SUBJECT"),
	OTHER("TEXT", SEARCH_TEXT, ARG_TEXT),
	OTHER("THREADID", SEARCH_THREADID, ARG_OBJECTID),
	FIELD("TO"),
	OTHER("UID", SEARCH_UID, ARG_SET),
	UNFLAG("UNANSWERED", "\\Answered"),
	UNFLAG("UNDELETED", "\\Deleted"),
	UNFLAG("UNDRAFT", "\\Draft"),
	UNFLAG("UNFLAGGED", "\\Flagged"),
	UNOTHER("UNKEYWORD", SEARCH_FLAG, ARG_KEYWORD),
	UNFLAG("UNSEEN", "\\Seen"),
	OTHER("YOUNGER", SEARCH_YOUNGER, ARG_NUMBER),
};

enum frame_kind { FRAME_LIST, FRAME_NOT, FRAME_OR };

struct frame {
	enum frame_kind kind;
	unsigned operands; /* complete ones */
};

struct parser {
	struct cur *c;
	struct arena *a;
	struct imap_search *out;
	struct str charset;
	unsigned stack, stack_max; /* verdicts the program needs to run */
	struct frame frames[IMAP_SEARCH_STACK];
	unsigned depth, depth_max;
};

static struct imap_search_step *emit(struct parser *p, enum imap_search_op op)
{
	struct imap_search_step *s =
		imap_push(p->a, &p->out->steps, &p->out->n, sizeof(*p->out->steps));

	s->op = op;
	if (op == SEARCH_AND || op == SEARCH_OR)
		p->stack--;
	else if (op != SEARCH_NOT)
		p->stack++;
	p->stack_max = MAX(p->stack_max, p->stack);
	return s;
}

/* A string argument in search form: charset to UTF-8, then folded. */
static bool text_arg(struct parser *p, struct str *out)
{
	struct buf utf8, folded;
	struct str raw;

	if (!imap_space(p->c) || !imap_astring_parse(p->c, p->a, &raw))
		return false;
	buf_init(&utf8, CHARSET_GROWTH * raw.n + 1);
	charset_decode(&utf8, p->charset, raw);
	buf_init(&folded, 18 * (utf8.n + 1));
	fold_put(&folded, buf_str(&utf8));
	*out = str_dup(p->a, buf_str(&folded));
	buf_deinit(&folded);
	buf_deinit(&utf8);
	return true;
}

/* date = date-text / DQUOTE date-text DQUOTE */
static bool date_arg(struct parser *p, int64_t *day)
{
	bool quoted;

	if (!imap_space(p->c))
		return false;
	quoted = cur_byte(p->c, '"');
	return date_parse_imap_day(p->c, day) && (!quoted || cur_byte(p->c, '"'));
}

static bool number_arg(struct parser *p, int64_t *number)
{
	uint64_t n;

	if (!imap_space(p->c) || !cur_u64(p->c, &n) || n > INT64_MAX)
		return false;
	*number = (int64_t)n;
	return true;
}

/* search-modsequence = "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer
 * (RFC 7162 7). We have one mod-sequence for all flags of a message, so which of them is
 * asked for is checked and ignored (3.1.5). */
static bool modseq_arg(struct parser *p, int64_t *modseq)
{
	struct str entry;
	uint64_t n;

	p->out->modseq = true;
	if (!imap_space(p->c))
		return false;
	if (cur_peek(p->c) == '"' &&
	    (!imap_string_parse(p->c, p->a, &entry) || !str_startsi(entry, STR("/flags/")) ||
	     !imap_space(p->c) ||
	     !(imap_word(p->c, STR("priv")) || imap_word(p->c, STR("shared")) ||
	       imap_word(p->c, STR("all"))) ||
	     !imap_space(p->c)))
		return false;
	if (!imap_modseq_parse(p->c, &n))
		return false;
	*modseq = (int64_t)n;
	return true;
}

static bool step_arg(struct parser *p, enum search_arg arg, struct imap_search_step *s)
{
	switch (arg) {
	case ARG_NONE:
		return true;
	case ARG_TEXT:
		return text_arg(p, &s->text);
	case ARG_DATE:
		return date_arg(p, &s->number);
	case ARG_NUMBER:
		return number_arg(p, &s->number);
	case ARG_SET:
		return imap_space(p->c) && imap_set_parse(p->c, p->a, &s->set);
	case ARG_KEYWORD:
		return imap_space(p->c) && imap_flag_parse(p->c, &s->text);
	case ARG_MODSEQ:
		return modseq_arg(p, &s->number);
	case ARG_OBJECTID:
		return imap_space(p->c) && imap_objectid_parse(p->c, &s->text);
	case ARG_FIELD:
		return imap_space(p->c) && imap_astring_parse(p->c, p->a, &s->name) &&
		       text_arg(p, &s->text);
	}
	return false;
}

/* NEW is the one key that is two: RECENT UNSEEN. */
static void emit_new(struct parser *p)
{
	emit(p, SEARCH_RECENT);
	emit(p, SEARCH_FLAG)->text = STR("\\Seen");
	emit(p, SEARCH_NOT);
	emit(p, SEARCH_AND);
}

/* A search-key that holds no other one. */
static bool simple_key(struct parser *p)
{
	const struct search_key *key = NULL;
	struct imap_search_step *s;

	if (ascii_digit((char)cur_peek(p->c)) || cur_peek(p->c) == '*' || cur_peek(p->c) == '$')
		return imap_set_parse(p->c, p->a, &emit(p, SEARCH_SEQ)->set);
	if (imap_word(p->c, STR("NEW"))) {
		emit_new(p);
		return true;
	}
	for (size_t i = 0; i < COUNT(keys) && !key; i++)
		if (imap_word(p->c, keys[i].key))
			key = &keys[i];
	if (!key)
		return false;
	s = emit(p, key->op);
	if (key->op == SEARCH_FLAG)
		s->text = key->name;
	else
		s->name = key->name;
	if (!step_arg(p, key->arg, s))
		return false;
	if (key->negated)
		emit(p, SEARCH_NOT);
	return true;
}

static bool frame_push(struct parser *p, enum frame_kind kind)
{
	if (p->depth == p->depth_max)
		return false;
	p->frames[p->depth++] = (struct frame){ kind, 0 };
	return true;
}

/* "(", "NOT" or "OR" before a key; *is tells. False: too deep, or no space behind it. */
static bool opening(struct parser *p, bool *is)
{
	*is = true;
	if (cur_byte(p->c, '('))
		return frame_push(p, FRAME_LIST);
	if (imap_word(p->c, STR("NOT")))
		return imap_space(p->c) && frame_push(p, FRAME_NOT);
	if (imap_word(p->c, STR("OR")))
		return imap_space(p->c) && frame_push(p, FRAME_OR);
	*is = false;
	return true;
}

enum after { AFTER_KEY, AFTER_CLOSED, AFTER_END, AFTER_BAD };

/* An operand of the innermost frame is complete: what comes now? */
static enum after operand_done(struct parser *p)
{
	struct frame *f = &p->frames[p->depth - 1];

	switch (f->kind) {
	case FRAME_NOT:
		emit(p, SEARCH_NOT);
		break;
	case FRAME_OR:
		if (f->operands++ == 0)
			return imap_space(p->c) ? AFTER_KEY : AFTER_BAD;
		emit(p, SEARCH_OR);
		break;
	case FRAME_LIST:
		if (f->operands++ > 0)
			emit(p, SEARCH_AND);
		if (p->depth == 1 && imap_end(p->c))
			return AFTER_END;
		if (imap_space(p->c))
			return AFTER_KEY;
		if (p->depth == 1 || !cur_byte(p->c, ')'))
			return AFTER_BAD;
		break;
	}
	p->depth--;
	return AFTER_CLOSED;
}

static bool search_program(struct parser *p)
{
	enum after after;
	bool open;

	if (!frame_push(p, FRAME_LIST))
		return false;
	for (;;) {
		do {
			if (!opening(p, &open))
				return false;
		} while (open);
		if (p->out->n >= IMAP_SEARCH_STEPS || !simple_key(p))
			return false;
		do {
			after = operand_done(p);
		} while (after == AFTER_CLOSED);
		if (after != AFTER_KEY)
			return after == AFTER_END && p->stack_max <= IMAP_SEARCH_STACK &&
			       p->out->n <= IMAP_SEARCH_STEPS;
	}
}

static bool return_option(struct cur *c, struct imap_search *out)
{
	static const struct {
		struct str name;
		unsigned bit;
	} options[] = {
		{ { "MIN", 3 }, RETURN_MIN },   { { "MAX", 3 }, RETURN_MAX },
		{ { "ALL", 3 }, RETURN_ALL },   { { "COUNT", 5 }, RETURN_COUNT },
		{ { "SAVE", 4 }, RETURN_SAVE },
	};

	for (size_t i = 0; i < COUNT(options); i++)
		if (imap_word(c, options[i].name)) {
			out->returns |= options[i].bit;
			return true;
		}
	out->returns |= RETURN_PARTIAL;
	return !out->partial.from && imap_partial_parse(c, &out->partial);
}

/* search-return-opts = SP "RETURN" SP "(" [option *(SP option)] ")" */
bool imap_search_returns_parse(struct cur *c, struct imap_search *out)
{
	struct cur at = *c;

	if (!imap_space(&at) || !imap_word(&at, STR("RETURN")))
		return true;
	*c = at;
	out->extended = true;
	if (!imap_space(c) || !cur_byte(c, '('))
		return false;
	if (cur_byte(c, ')')) {
		out->returns = RETURN_ALL; /* RFC 4731 3.1 */
		return true;
	}
	do {
		if (!return_option(c, out))
			return false;
	} while (imap_space(c));
	/* RFC 9394 3.1: one of the two at most. */
	return cur_byte(c, ')') && !(out->returns & RETURN_ALL && out->returns & RETURN_PARTIAL);
}

static bool charset(struct parser *p)
{
	if (!imap_astring_parse(p->c, p->a, &p->charset) || !imap_space(p->c))
		return false;
	p->out->charset = true;
	p->out->charset_unknown = !charset_known(p->charset);
	return true;
}

bool imap_search_keys_parse(struct cur *c, struct arena *a, unsigned depth, struct imap_search *out)
{
	struct parser p = { .c = c, .a = a, .out = out };

	p.depth_max = MIN(depth, (unsigned)IMAP_SEARCH_STACK);
	return imap_space(c) && charset(&p) && search_program(&p);
}

bool imap_search_parse(struct cur *c, struct arena *a, unsigned depth, struct imap_search *out)
{
	struct parser p = { .c = c, .a = a, .out = out, .charset = STR("utf-8") };

	*out = (struct imap_search){ 0 };
	p.depth_max = MIN(depth, (unsigned)IMAP_SEARCH_STACK);
	if (!imap_search_returns_parse(c, out) || !imap_space(c))
		return false;
	if (imap_word(c, STR("CHARSET")) && (!imap_space(c) || !charset(&p)))
		return false;
	return search_program(&p);
}
