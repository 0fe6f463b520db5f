/* formats/imap_wire/search_keys.c: the search keys and their arguments (RFC 9051 6.4.4), see
 * search_parser.h. */
#include "formats/imap_wire/search_parser.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/text/charset.h"
#include "foundation/text/date.h"
#include "foundation/text/fold.h"

enum search_arg {
	ARG_NONE,
	ARG_TEXT,
	ARG_DATE,
	ARG_NUMBER,
	ARG_NZ_NUMBER, /* RFC 5032 3 */
	ARG_SET,
	ARG_UID_AFTER,
	ARG_UID_BEFORE,
	ARG_KEYWORD,
	ARG_OBJECTID,
	ARG_FIELD,
	ARG_MODSEQ,
	ARG_FILTER,
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
	OTHER("FILTER", SEARCH_FILTER, ARG_FILTER),
	FIELD("FROM"),
	OTHER("EMAILID", SEARCH_EMAILID, ARG_OBJECTID),
	OTHER("HEADER", SEARCH_HEADER, ARG_FIELD),
	OTHER("KEYWORD", SEARCH_FLAG, ARG_KEYWORD),
	OTHER("LARGER", SEARCH_LARGER, ARG_NUMBER),
	OTHER("MODSEQ", SEARCH_MODSEQ, ARG_MODSEQ),
	UNOTHER("OLD", SEARCH_RECENT, ARG_NONE),
	OTHER("OLDER", SEARCH_OLDER, ARG_NZ_NUMBER),
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
	OTHER("UIDAFTER", SEARCH_UID, ARG_UID_AFTER),
	OTHER("UIDBEFORE", SEARCH_UID, ARG_UID_BEFORE),
	UNFLAG("UNANSWERED", "\\Answered"),
	UNFLAG("UNDELETED", "\\Deleted"),
	UNFLAG("UNDRAFT", "\\Draft"),
	UNFLAG("UNFLAGGED", "\\Flagged"),
	UNOTHER("UNKEYWORD", SEARCH_FLAG, ARG_KEYWORD),
	UNFLAG("UNSEEN", "\\Seen"),
	OTHER("YOUNGER", SEARCH_YOUNGER, ARG_NZ_NUMBER),
};

struct imap_search_step *imap_search_emit(struct imap_search_parser *p, enum imap_search_op op)
{
	struct imap_search_step *s =
		imap_push(p->a, &p->out->steps, &p->out->n, sizeof(*p->out->steps));

	s->op = op;
	s->fuzzy = p->fuzzy != 0;
	if (op == SEARCH_AND || op == SEARCH_OR)
		p->stack--;
	else if (op != SEARCH_NOT)
		p->stack++;
	p->stack_max = MAX(p->stack_max, p->stack);
	return s;
}

/* A string argument in search form: charset to UTF-8, then folded. */
static bool text_arg(struct imap_search_parser *p, struct str *out)
{
	struct buf utf8, folded;
	struct str raw;

	if (!imap_astring_parse(p->c, p->a, &raw))
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
static bool date_arg(struct imap_search_parser *p, int64_t *day)
{
	bool quoted = cur_byte(p->c, '"');

	return date_parse_imap_day(p->c, day) && (!quoted || cur_byte(p->c, '"'));
}

static bool number_arg(struct imap_search_parser *p, int64_t *number)
{
	uint64_t n;

	if (!cur_u64(p->c, &n) || n > INT64_MAX)
		return false;
	*number = (int64_t)n;
	return true;
}

/* "UIDAFTER" SP uniqueid / "UIDBEFORE" SP uniqueid: all that are greater, or less (RFC 9738 3.2).
 * The result may be empty, unlike "UID n:*". */
static bool uid_side_arg(struct imap_search_parser *p, bool after, struct imap_seq *set)
{
	uint32_t uid;

	if (!imap_nz_parse(p->c, &uid))
		return false;
	if (after && uid < UINT32_MAX)
		imap_seq_add(p->a, set, uid + 1, UINT32_MAX);
	else if (!after && uid > 1)
		imap_seq_add(p->a, set, 1, uid - 1);
	return true;
}

/* search-modsequence = "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer (RFC 7162
 * 7). A message has one mod-sequence for all flags, so the entry is checked and ignored (3.1.5). */
static bool modseq_arg(struct imap_search_parser *p, int64_t *modseq)
{
	struct str entry;
	uint64_t n;

	p->out->modseq = true;
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

static bool step_arg(struct imap_search_parser *p, enum search_arg arg, struct imap_search_step *s)
{
	if (arg != ARG_NONE && !imap_space(p->c))
		return false;
	switch (arg) {
	case ARG_NONE:
		return true;
	case ARG_TEXT:
		return text_arg(p, &s->text);
	case ARG_DATE:
		return date_arg(p, &s->number);
	case ARG_NUMBER:
		return number_arg(p, &s->number);
	case ARG_NZ_NUMBER:
		return number_arg(p, &s->number) && s->number != 0;
	case ARG_SET:
		return imap_set_parse(p->c, p->a, &s->set);
	case ARG_UID_AFTER:
	case ARG_UID_BEFORE:
		return uid_side_arg(p, arg == ARG_UID_AFTER, &s->set);
	case ARG_KEYWORD:
		return imap_flag_parse(p->c, &s->text);
	case ARG_MODSEQ:
		return modseq_arg(p, &s->number);
	case ARG_OBJECTID:
		return imap_objectid_parse(p->c, &s->text);
	case ARG_FIELD:
		return imap_astring_parse(p->c, p->a, &s->name) && imap_space(p->c) &&
		       text_arg(p, &s->text);
	case ARG_FILTER:
		p->out->filtered = true;
		return imap_filter_name_parse(p->c, &s->text);
	}
	return false;
}

/* NEW is the one key that is two: RECENT UNSEEN. */
static void emit_new(struct imap_search_parser *p)
{
	imap_search_emit(p, SEARCH_RECENT);
	imap_search_emit(p, SEARCH_FLAG)->text = STR("\\Seen");
	imap_search_emit(p, SEARCH_NOT);
	imap_search_emit(p, SEARCH_AND);
}

bool imap_search_key_parse(struct imap_search_parser *p)
{
	const struct search_key *key = NULL;
	struct imap_search_step *s;

	if (ascii_digit((char)cur_peek(p->c)) || cur_peek(p->c) == '*' || cur_peek(p->c) == '$')
		return imap_set_parse(p->c, p->a, &imap_search_emit(p, SEARCH_SEQ)->set);
	if (imap_word(p->c, STR("NEW"))) {
		emit_new(p);
		return true;
	}
	for (size_t i = 0; i < COUNT(keys) && !key; i++)
		if (imap_word(p->c, keys[i].key))
			key = &keys[i];
	if (!key)
		return false;
	s = imap_search_emit(p, key->op);
	if (key->op == SEARCH_FLAG)
		s->text = key->name;
	else
		s->name = key->name;
	if (!step_arg(p, key->arg, s))
		return false;
	if (key->negated)
		imap_search_emit(p, SEARCH_NOT);
	return true;
}
