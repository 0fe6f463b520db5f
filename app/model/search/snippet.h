/* model/search/snippet.h: where a text has what was searched, for a reader (RFC 8621 5): as
 * HTML, with "&", "<" and ">" escaped and the words that match in <mark>. Pure. */
#ifndef SEARCH_SNIPPET_H
#define SEARCH_SNIPPET_H
#include "foundation/base/buf.h"
#include "model/search/fuzzy.h"

enum { SNIPPET_PREVIEW_MAX = 255 /* bytes, markup included */ };

struct snippet {
	struct fuzzy *patterns; /* any of them marks a word */
	size_t n;
	enum language language; /* of the text                     */
	enum fuzzy_grade least; /* a match that is worse is not marked */
};

/* Append all of text, a decoded subject. False, and nothing appended: no word matches. */
bool snippet_subject_put(struct buf *out, const struct snippet *s, struct str text);
/* Append the part of text, a body as text, around the first word that matches: at most
 * SNIPPET_PREVIEW_MAX bytes, white space runs as one space. False as above. Linear in the text
 * up to there. */
bool snippet_preview_put(struct buf *out, const struct snippet *s, struct str text);

#endif
