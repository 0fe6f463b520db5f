/* model/search/fuzzy_text.h: matching a FUZZY key with a message, with the same result as by the
 * index. */
#ifndef SEARCH_FUZZY_TEXT_H
#define SEARCH_FUZZY_TEXT_H
#include "formats/message/mime.h"
#include "model/search/fuzzy.h"

/* The score of the message in those fields, BIT(enum search_field), 0: no match. raw: the whole
 * message. name: empty, or only values of that header field count. The message's words are scanned
 * twice: first to detect its language. */
unsigned fuzzy_text_score(struct fuzzy *f, unsigned fields, struct str name, struct str raw,
                          size_t header_bytes, const struct message_limits *limits);

#endif
