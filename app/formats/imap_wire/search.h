/* formats/imap_wire/search.h: what a SEARCH asks for (RFC 9051 6.4.4), as a flat program.
 *
 * Keys come out in postfix order, so that nothing recurses, neither here nor in whoever
 * runs it: "OR SEEN (FROM x NOT DELETED)" is
 *
 *	FLAG \Seen   FROM x   FLAG \Deleted   NOT   AND   OR
 *
 * Running it needs a stack of at most IMAP_SEARCH_STACK verdicts. A verdict may be
 * "unknown": imap_search_run then carries that through AND, OR and NOT, so a searcher can
 * first try with what is at hand (flags), and open the message only when the answer
 * depends on it. */
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
	IMAP_SEARCH_STEPS = 4096, /* more is BAD: nobody's address book is a search key */
	IMAP_SEARCH_FILTERS = 16, /* one in the other */
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
	SEARCH_HEADER, /* name: a field; text: in it; empty text: it is there */
	SEARCH_BODY,   /* text */
	SEARCH_TEXT,   /* text: in header or body */
	SEARCH_FILTER, /* text: a name; what stands for it until imap_search_expand (RFC 5466) */
};

struct imap_search_step {
	enum imap_search_op op;
	struct str text; /* of HEADER, BODY, TEXT: in search form (foundation/text/fold.h) */
	struct str name;
	bool fuzzy; /* below a FUZZY (RFC 6203 3) */
	int64_t number;
	struct imap_seq set;   /* not resolved                                        */
	struct imap_seq asked; /* when it is, a copy of it as it came; only with UPDATE */
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
	RETURN_CONTEXT = BIT(7),   /* RFC 5267 4.2: a hint, which we need not */
	RETURN_RELEVANCY = BIT(8), /* RFC 6203 4 */
	RETURN_RESULTS = RETURN_MIN | RETURN_MAX | RETURN_ALL | RETURN_COUNT | RETURN_PARTIAL |
	                 RETURN_RELEVANCY,
};

struct imap_search {
	struct imap_search_step *steps;
	bool charset; /* CHARSET was there; SORT and THREAD always have one (RFC 5256) */
	size_t n;
	bool extended;    /* RETURN was there: answer ESEARCH */
	unsigned returns; /* enum imap_search_return; never 0 when extended */
	const struct imap_fetch *update; /* of messages that come into a result; NULL: nothing */
	struct imap_partial partial;
	bool fuzzy;        /* a key is FUZZY                                       */
	bool by_relevancy; /* a SORT by scores; this and RETURN_RELEVANCY only with a FUZZY key */
	bool modseq;       /* a key is MODSEQ: the answer tells the greatest one */
	bool charset_unknown; /* NO [BADCHARSET] */
	struct str charset_name;
	/* A key is FILTER: imap_search_expand comes before anything else. */
	bool filtered;
	struct cur keys; /* as they came: of these it makes the program anew */
	size_t inserted; /* bytes that came out of filters                   */
};

/* [SP "RETURN" ...] [SP "CHARSET" SP astring] 1*(SP search-key), to the end of the command.
 * At most depth levels of parentheses, OR and NOT; ORs that are operands of ORs are one level. */
bool imap_search_parse(struct cur *c, struct arena *a, unsigned depth, struct imap_search *out);

/* The parts of it, for commands that have something between them (sort.h). Begin with *out
 * all-zero. [SP "RETURN" SP "(" ... ")"] */
bool imap_search_returns_parse(struct cur *c, struct arena *a, struct imap_search *out);
/* SP charset 1*(SP search-key), to the end of the command */
bool imap_search_keys_parse(struct cur *c, struct arena *a, unsigned depth,
                            struct imap_search *out);

/* RFC 6203 4, 6: scores are for who searches FUZZY. With filtered it is known after expanding. */
bool imap_search_scores_allowed(const struct imap_search *s);

/* --- named searches (RFC 5466) ------------------------------------------------------------ */

/* filter-name = 1*<any ATOM-CHAR except "/">. The cursor stays on false. */
bool imap_filter_name_parse(struct cur *c, struct str *out);
/* What a filter may hold: search-criteria, in UTF-8, with at most depth levels. A FILTER in it need
 * not exist. */
bool imap_filter_value_valid(struct str value, unsigned depth);

struct imap_search_filters {
	/* The value of a filter, which lives as long as the program. ERR_MISSING: there is none. */
	enum err (*find)(struct str name, struct str *value, void *arg);
	void *arg;
	unsigned passes; /* filters in filters: at most IMAP_SEARCH_FILTERS */
	size_t bytes;    /* of all values that are put in                   */
	struct str name; /* out: of the filter that it fails at             */
};

/* Parse the keys anew, with the values of filters in the place of FILTER, as if the client had
 * sent these: "NOT FILTER x" where x is "SEEN FLAGGED" is "NOT SEEN FLAGGED", for RFC 5466 3.1 has
 * them "inserted verbatim". The program borrows from the values.
 * ERR_MISSING: there is no such filter, or it is in itself, or more than with->passes deep.
 * ERR_SYNTAX: its value is not valid. ERR_LIMIT: the values have more than with->bytes, or the
 * program they make is too deep or long. Else what with->find says. The program is then none. */
enum err imap_search_expand(struct imap_search *what, struct arena *a, unsigned depth,
                            struct imap_search_filters *with) MUST_USE;

enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_UNKNOWN };

/* test is called for each step that is no AND, OR or NOT. */
enum verdict imap_search_run(const struct imap_search *s,
                             enum verdict (*test)(const struct imap_search_step *, void *),
                             void *arg);

enum { IMAP_SCORE_MAX = 100, IMAP_SCORE_PLAIN = 101 };
/* The relevancy of a message that matches, 1 to 100 (RFC 6203 4). score is called as test: 0 when
 * the step does not match, IMAP_SCORE_PLAIN when it matches and is not fuzzy, else how well. Of
 * fuzzy keys that are all needed the mean counts, of alternatives the best; what was asked of a
 * NOT, and what is not fuzzy, makes no difference. */
unsigned imap_search_score(const struct imap_search *s,
                           unsigned (*score)(const struct imap_search_step *, void *), void *arg);

#endif
