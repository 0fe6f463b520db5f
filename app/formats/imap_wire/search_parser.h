/* formats/imap_wire/search_parser.h: what the files of the search grammar share: search.c has the
 * program around the keys, search_keys.c the keys, search_filter.c what named searches
 * put among them. */
#ifndef IMAP_WIRE_SEARCH_PARSER_H
#define IMAP_WIRE_SEARCH_PARSER_H
#include "formats/imap_wire/search.h"

enum imap_search_frame_kind { FRAME_LIST, FRAME_NOT, FRAME_OR, FRAME_FUZZY };

struct imap_search_frame {
	enum imap_search_frame_kind kind;
	unsigned operands; /* complete ones         */
	unsigned wanted;   /* FRAME_OR: of so many */
};

/* A filter whose value is being read in the place of its name. */
struct imap_search_source {
	struct str name;
	struct cur c;
	struct cur *outer; /* where it goes on behind the name, and in which charset */
	struct str outer_charset;
};

struct imap_search_parser {
	struct cur *c; /* the command's, or that of the innermost filter */
	struct arena *a;
	struct imap_search *out;
	struct str charset;
	unsigned stack, stack_max; /* verdicts the program needs to run */
	struct imap_search_frame frames[IMAP_SEARCH_STACK];
	unsigned depth, depth_max;
	unsigned fuzzy; /* frames of that kind */
	/* NULL: FILTER becomes a step, and what it names is not looked up. */
	struct imap_search_filters *filters;
	struct imap_search_source sources[IMAP_SEARCH_FILTERS];
	unsigned source_n;
	enum err failed; /* why a filter could not be put in */
};

/* search-criteria = search-key *(SP search-key), to the end of the command. c, a, out, charset and
 * depth_max are set. */
bool imap_search_program_parse(struct imap_search_parser *p);

/* A new step at the end of the program. */
struct imap_search_step *imap_search_emit(struct imap_search_parser *p, enum imap_search_op op);
/* A search-key that holds no other one. */
bool imap_search_key_parse(struct imap_search_parser *p);

/* SP filter-name, behind the word FILTER: what comes next is read from its value. False: failed
 * says why, OK: there is no name. */
bool imap_search_source_enter(struct imap_search_parser *p);
/* A key has been read: leave those filters that end with it. */
void imap_search_source_leave(struct imap_search_parser *p);

#endif
