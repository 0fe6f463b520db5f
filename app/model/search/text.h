/* model/search/text.h: the texts of a message, as SEARCH sees them (RFC 9051 6.4.4): the fields of
 * its header, decoded, and the textual parts of its body.
 *
 * Whoever makes the index and whoever reads a message for a pattern walk over it with these
 * functions, so that both see the same. */
#ifndef SEARCH_TEXT_H
#define SEARCH_TEXT_H
#include "formats/message/mime.h"
#include "model/search/search.h"

/* Some of a text. A text never goes on in the next one: no match crosses. */
struct search_piece {
	enum search_field field;
	struct str name; /* of the header field that it is the value of; else empty */
	bool header;     /* name counts, empty or not                               */
	bool first;      /* a text begins                                           */
	struct str text; /* UTF-8, not folded                                       */
};

/* False ends the walk. */
typedef bool search_piece_fn(void *arg, const struct search_piece *p);

/* The fields of a header; only those of that name unless it is empty. False: ended by fn. */
bool search_header_walk(struct str header, struct str name, search_piece_fn *fn, void *arg);
/* What a message is beside its header: FIELD_BODY are the headers of messages in it and all text,
 * FIELD_OTHER the headers of its parts, with the names of files (RFC 9051 6.4.4: TEXT is about
 * these, too, BODY is not). */
bool search_body_walk(const struct message *m, search_piece_fn *fn, void *arg);

/* Take the next piece of text that is to be folded by itself: folding can make text much
 * longer. *text is not empty. */
struct str search_fold_piece(struct str *text);
enum { SEARCH_FOLD_PIECE = 32 << 10 };

#endif
