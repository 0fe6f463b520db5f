/* formats/mailauth/dmarc_text.h: what DMARC records are written in: lists, and URIs with sizes;
 * inside of dmarc_record.h only. */
#ifndef MAILAUTH_DMARC_TEXT_H
#define MAILAUTH_DMARC_TEXT_H
#include "formats/mailauth/dmarc_record.h"

/* Without white space at both ends; p moves only past such. */
struct str dmarc_trim(struct str s);
/* Cut what is before the first such byte off, with the byte; all when there is none. Trimmed. */
struct str dmarc_cut(struct str *rest, char at);

/* URIs between commas; a wrong one is as if it was not there. */
void dmarc_uris_parse(struct str value, struct dmarc_uris *out);

#endif
