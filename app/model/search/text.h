/* model/search/text.h: the texts of a message that SEARCH compares (RFC 9051 6.4.4): the fields of
 * its header, decoded, and the textual parts of its body.
 *
 * The indexer and readers of single messages use the same functions, so that both get the same
 * results. */
#ifndef SEARCH_TEXT_H
#define SEARCH_TEXT_H
#include "formats/message/mime.h"
#include "model/search/search.h"

/* A part of a text. Matches do not cross texts. */
struct search_piece {
	enum search_field field;
	struct str name; /* of the header field, for its value; else empty */
	bool header;     /* name is valid, empty or not */
	bool first;      /* a text begins with this piece */
	struct str text; /* UTF-8, not folded                                       */
};

/* False ends the walk. */
typedef bool search_piece_fn(void *arg, const struct search_piece *p);

/* The fields of a header; only those of that name unless it is empty. False: fn returned false. */
bool search_header_walk(struct str header, struct str name, search_piece_fn *fn, void *arg);
/* The parts of a message after its header: FIELD_BODY are the headers of messages in it and all
 * text, FIELD_OTHER the headers of its parts, with file names (RFC 9051 6.4.4: TEXT includes these,
 * BODY does not). */
bool search_body_walk(const struct message *m, search_piece_fn *fn, void *arg);

/* Take the next piece of text for folding, of limited size because folding can make text much
 * longer. *text is not empty. */
struct str search_fold_piece(struct str *text);
enum { SEARCH_FOLD_PIECE = 32 << 10 };

#endif
