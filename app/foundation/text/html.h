/* foundation/text/html.h: HTML to plain text, for previews and search. */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H
#include "foundation/base/buf.h"

/* Append the visible text of html (UTF-8) to out: tags and comments dropped together with
 * the content of head, style, script, title, template and the like, character references
 * resolved, runs of white space made one space, block elements and <br> made line breaks.
 * Never fails and never nests. Stops when out is full, so its cap limits the work; the text may
 * then end inside a character (see utf8_cut). One pass. */
void html_text_put(struct buf *out, struct str html);

#endif
