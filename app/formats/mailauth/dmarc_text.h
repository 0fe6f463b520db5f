/* formats/mailauth/dmarc_text.h: lists, and URIs with sizes, in DMARC records; for dmarc_record.h
 * only. */
#ifndef MAILAUTH_DMARC_TEXT_H
#define MAILAUTH_DMARC_TEXT_H
#include "formats/mailauth/dmarc_record.h"

/* Without white space at both ends. */
struct str dmarc_trim(struct str s);
/* Take the part before the first such byte, and that byte, off *rest; all without one. Trimmed. */
struct str dmarc_cut(struct str *rest, char at);

/* URIs separated by commas; malformed ones are ignored. */
void dmarc_uris_parse(struct str value, struct dmarc_uris *out);

#endif
