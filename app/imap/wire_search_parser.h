/* imap/wire_search_parser.h: what the files of the search grammar share: wire_search.c has the
 * program around the keys, wire_search_keys.c the keys. */
#ifndef IMAP_WIRE_SEARCH_PARSER_H
#define IMAP_WIRE_SEARCH_PARSER_H
#include "imap/wire_search.h"

enum imap_search_frame_kind { FRAME_LIST, FRAME_NOT, FRAME_OR, FRAME_FUZZY };

struct imap_search_frame {
	enum imap_search_frame_kind kind;
	unsigned operands; /* complete ones         */
	unsigned wanted;   /* FRAME_OR: of so many */
};

struct imap_search_parser {
	struct cur *c;
	struct arena *a;
	struct imap_search *out;
	struct str charset;
	unsigned stack, stack_max; /* verdicts the program needs to run */
	struct imap_search_frame frames[IMAP_SEARCH_STACK];
	unsigned depth, depth_max;
	unsigned fuzzy; /* frames of that kind */
};

/* A new step at the end of the program. */
struct imap_search_step *imap_search_emit(struct imap_search_parser *p, enum imap_search_op op);
/* A search-key that holds no other one. */
bool imap_search_key_parse(struct imap_search_parser *p);

#endif
