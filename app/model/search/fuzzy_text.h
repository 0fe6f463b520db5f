/* model/search/fuzzy_text.h: a FUZZY key and a message that is read: the index would say the
 * same. */
#ifndef SEARCH_FUZZY_TEXT_H
#define SEARCH_FUZZY_TEXT_H
#include "formats/message/mime.h"
#include "model/search/fuzzy.h"

/* The score of the message in those fields, BIT(enum search_field), 0: it does not match. raw: all
 * of it. name: empty, or only values of that header field count. Words of the message are looked
 * at twice: first its language is found out. */
unsigned fuzzy_text_score(struct fuzzy *f, unsigned fields, struct str name, struct str raw,
                          size_t header_bytes, const struct message_limits *limits);

#endif
