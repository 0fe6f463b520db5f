/* formats/imap_wire/search.h: the keys of SEARCH (RFC 9051 6.4.4), as a flat program.
 *
 * Keys are in postfix order, so that neither the parser nor the evaluation recurses: "OR SEEN (FROM
 * x NOT DELETED)" is
 *
 *	FLAG \Seen   FROM x   FLAG \Deleted   NOT   AND   OR
 *
 * Their evaluation needs a stack of at most IMAP_SEARCH_STACK results. */
#ifndef IMAP_WIRE_SEARCH_H
#define IMAP_WIRE_SEARCH_H
#include "formats/imap_wire/seq.h"
#include "formats/imap_wire/sync.h"
#include "formats/imap_wire/token.h"
#include "foundation/base/err.h"

struct arena;
struct imap_fetch;

enum {
	IMAP_SEARCH_STACK = 64,
	IMAP_SEARCH_STEPS = 4096, /* more is BAD */
	IMAP_SEARCH_FILTERS = 16, /* nested in each other */
};

enum imap_search_op {
	SEARCH_AND,
	SEARCH_OR,
	SEARCH_NOT,
	SEARCH_ALL,
	SEARCH_SEQ,  /* set: message numbers */
	SEARCH_UID,  /* set */
	SEARCH_FLAG, /* text: a flag's or keyword's name */
	SEARCH_RECENT,
	SEARCH_LARGER,  /* number */
	SEARCH_SMALLER, /* number */
	SEARCH_BEFORE,  /* number: days since 1970, of the internal date */
	SEARCH_ON,
	SEARCH_SINCE,
	SEARCH_MODSEQ,  /* number: the least modseq (RFC 7162 3.1.5) */
	SEARCH_YOUNGER, /* number: seconds (RFC 5032) */
	SEARCH_OLDER,
	SEARCH_SAVEDBEFORE, /* number: days since 1970, of the save date (RFC 8514 4.3) */
	SEARCH_SAVEDON,
	SEARCH_SAVEDSINCE,
	SEARCH_SAVEDATESUPPORTED,
	SEARCH_EMAILID,    /* text (RFC 8474 6) */
	SEARCH_THREADID,   /* text */
	SEARCH_SENTBEFORE, /* number: days since 1970, of the Date field */
	SEARCH_SENTON,
	SEARCH_SENTSINCE,
	SEARCH_HEADER, /* name: a field; text: in it; empty text: the field exists */
	SEARCH_BODY,   /* text */
	SEARCH_TEXT,   /* text: in header or body */
	SEARCH_FILTER, /* text: a name; replaced by imap_search_expand (RFC 5466) */
};

struct imap_search_step {
	enum imap_search_op op;
	struct str text; /* of HEADER, BODY, TEXT: in search form (foundation/text/fold.h) */
	struct str name;
	bool fuzzy; /* below a FUZZY (RFC 6203 3) */
	int64_t number;
	struct imap_seq set;   /* not resolved                                        */
	struct imap_seq asked; /* a copy of set before it was resolved; only with UPDATE */
};

/* RETURN options (RFC 4731 3.1). */
enum imap_search_return {
	RETURN_MIN = BIT(0),
	RETURN_MAX = BIT(1),
	RETURN_ALL = BIT(2),
	RETURN_COUNT = BIT(3),
	RETURN_PARTIAL = BIT(4),   /* RFC 9394 3.1; not with ALL */
	RETURN_SAVE = BIT(5),      /* RFC 5182 2.1 */
	RETURN_UPDATE = BIT(6),    /* RFC 5267 4.3 */
	RETURN_CONTEXT = BIT(7),   /* RFC 5267 4.2: a hint, not used */
	RETURN_RELEVANCY = BIT(8), /* RFC 6203 4 */
	RETURN_RESULTS = RETURN_MIN | RETURN_MAX | RETURN_ALL | RETURN_COUNT | RETURN_PARTIAL |
	                 RETURN_RELEVANCY,
};

struct imap_search {
	struct imap_search_step *steps;
	bool charset; /* CHARSET was there; SORT and THREAD always have one (RFC 5256) */
	size_t n;
	bool extended;    /* RETURN was there: respond with ESEARCH */
	unsigned returns; /* enum imap_search_return; never 0 when extended */
	const struct imap_fetch *update; /* items for messages that enter a result; NULL: none */
	struct imap_partial partial;
	bool fuzzy;        /* a key is FUZZY                                       */
	bool by_relevancy; /* a SORT by scores; this and RETURN_RELEVANCY require a FUZZY key */
	bool modseq;       /* a key is MODSEQ: the response has the greatest modseq */
	bool charset_unknown; /* NO [BADCHARSET] */
	struct str charset_name;
	/* A key is FILTER: call imap_search_expand first. */
	bool filtered;
	struct cur keys; /* the source text of the keys, for imap_search_expand */
	size_t inserted; /* bytes that were inserted from filters */
};

/* [SP "RETURN" ...] [SP "CHARSET" SP astring] 1*(SP search-key), to the end of the command.
 * At most depth levels of parentheses, OR and NOT; ORs that are operands of ORs are one level. */
bool imap_search_parse(struct cur *c, struct arena *a, unsigned depth, struct imap_search *out);

/* The parts of that grammar, for commands with other parts between them (sort.h). Begin with *out
 * all-zero. [SP "RETURN" SP "(" ... ")"] */
bool imap_search_returns_parse(struct cur *c, struct arena *a, struct imap_search *out);
/* SP charset 1*(SP search-key), to the end of the command */
bool imap_search_keys_parse(struct cur *c, struct arena *a, unsigned depth,
                            struct imap_search *out);

/* RFC 6203 4, 6: scores require a FUZZY key. With filtered, valid only after expanding. */
bool imap_search_scores_allowed(const struct imap_search *s);

/* --- named searches (RFC 5466) ------------------------------------------------------------ */

/* filter-name = 1*<any ATOM-CHAR except "/">. c is unmoved on false. */
bool imap_filter_name_parse(struct cur *c, struct str *out);
/* Is the value of a filter valid: search-criteria, in UTF-8, with at most depth levels? A FILTER in
 * it need not exist. */
bool imap_filter_value_valid(struct str value, unsigned depth);

struct imap_search_filters {
	/* The value of a filter, valid as long as the program. ERR_MISSING: there is none. */
	enum err (*find)(struct str name, struct str *value, void *arg);
	void *arg;
	unsigned passes; /* nesting of filters: at most IMAP_SEARCH_FILTERS */
	size_t bytes;    /* of all inserted values */
	struct str name; /* out: the filter that caused an error */
};

/* Parse the keys again, with the values of filters in place of FILTER, as if the client had sent
 * them: "NOT FILTER x" with x "SEEN FLAGGED" is "NOT SEEN FLAGGED", because RFC 5466 3.1 has them
 * "inserted verbatim". The program borrows from the values. ERR_MISSING: there is no such filter,
 * it contains itself, or nesting exceeds with->passes. ERR_SYNTAX: its value is not valid.
 * ERR_LIMIT: the values have more than with->bytes, or the program is too deep or long. Otherwise
 * the errors of with->find. After an error there is no program. */
enum err imap_search_expand(struct imap_search *what, struct arena *a, unsigned depth,
                            struct imap_search_filters *with) MUST_USE;

#endif
