/* formats/imap_wire/search_parser.h: shared by the files of the search grammar. search.c parses the
 * parts around the keys, search_keys.c the keys, search_filter.c inserts the values of filters. */
#ifndef IMAP_WIRE_SEARCH_PARSER_H
#define IMAP_WIRE_SEARCH_PARSER_H
#include "formats/imap_wire/search.h"

enum imap_search_frame_kind { FRAME_LIST, FRAME_NOT, FRAME_OR, FRAME_FUZZY };

struct imap_search_frame {
	enum imap_search_frame_kind kind;
	unsigned operands; /* complete ones         */
	unsigned wanted;   /* FRAME_OR: their required number */
};

/* A filter whose value is being read in place of its name. */
struct imap_search_source {
	struct str name;
	struct cur c;
	struct cur *outer; /* the text after the name, and its charset */
	struct str outer_charset;
};

struct imap_search_parser {
	struct cur *c; /* of the command, or of the innermost filter */
	struct arena *a;
	struct imap_search *out;
	struct str charset;
	unsigned stack, stack_max; /* verdicts for the evaluation */
	struct imap_search_frame frames[IMAP_SEARCH_STACK];
	unsigned depth, depth_max;
	unsigned fuzzy; /* frames of that kind */
	/* NULL: FILTER becomes a step, without a look-up of its name. */
	struct imap_search_filters *filters;
	struct imap_search_source sources[IMAP_SEARCH_FILTERS];
	unsigned source_n;
	enum err failed; /* why a filter could not be inserted */
};

/* search-criteria = search-key *(SP search-key), to the end of the command. c, a, out, charset and
 * depth_max are set. */
bool imap_search_program_parse(struct imap_search_parser *p);

/* Append a step to the program. */
struct imap_search_step *imap_search_emit(struct imap_search_parser *p, enum imap_search_op op);
/* A search-key that contains no other key. */
bool imap_search_key_parse(struct imap_search_parser *p);

/* SP filter-name, after the word FILTER: continue with the text of its value. False: failed has the
 * reason; OK: there is no name. */
bool imap_search_source_enter(struct imap_search_parser *p);
/* A key was read: leave the filters that end with it. */
void imap_search_source_leave(struct imap_search_parser *p);

#endif
