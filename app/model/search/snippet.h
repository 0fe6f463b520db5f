/* model/search/snippet.h: the part of a text that matches a search, for a reader (RFC 8621 5): as
 * HTML, with "&", "<" and ">" escaped and matching words in <mark>. Pure. */
#ifndef SEARCH_SNIPPET_H
#define SEARCH_SNIPPET_H
#include "foundation/base/buf.h"
#include "model/search/fuzzy.h"

enum { SNIPPET_PREVIEW_MAX = 255 /* bytes, markup included */ };

struct snippet {
	struct fuzzy *patterns; /* a word that matches any of them is marked */
	size_t n;
	enum language language; /* of the text                     */
	enum fuzzy_grade least; /* worse matches are not marked */
};

/* Append all of text, a decoded subject. False, with nothing appended: no word matches. */
bool snippet_subject_put(struct buf *out, const struct snippet *s, struct str text);
/* Append the part of text, a body as text, around the first matching word: at most
 * SNIPPET_PREVIEW_MAX bytes, with runs of white space as one space. False as above. Linear in the
 * text up to there. */
bool snippet_preview_put(struct buf *out, const struct snippet *s, struct str text);

#endif
