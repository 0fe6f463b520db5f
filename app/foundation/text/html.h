/* foundation/text/html.h: HTML to plain text, good enough for a preview and for search. */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H
#include "foundation/base/buf.h"

/* Append the visible text of html (UTF-8) to out: tags and comments dropped together with
 * the content of head, style, script, title, template and the like, character references
 * resolved, runs of white space made one space, block elements and <br> made line breaks.
 * Never fails and never nests; stops when out is full, so give it the cap you need: the
 * text may then end inside a character (utf8_cut mends that). One pass. */
void html_text_put(struct buf *out, struct str html);

#endif
