/* protocols/imap/append/append_parts.h: shared by append*.c. A bool function that returns
 * false has set the reply. */
#ifndef IMAP_APPEND_PARTS_H
#define IMAP_APPEND_PARTS_H
#include "protocols/imap/append/append.h"

/* Steps of imap_wire/append.h. */
bool append_message_begin(struct imap *s, struct appending *g, const struct imap_append_step *step);
bool append_bytes_begin(struct imap *s, struct appending *g, enum imap_append_at at);
bool append_url_add(struct imap *s, struct appending *g, struct str url);
/* All parts of the message have arrived. */
bool append_message_end(struct imap *s, struct appending *g);

/* Prepare the message in the spool. Errors of email_prepare. */
enum err append_prepare(struct imap *s, struct appending *g, struct email_new **out,
                        struct why *why) MUST_USE;
/* Wait until all messages are prepared. Errors of email_prepare. */
enum err append_work_end(struct appending *g, struct why *why) MUST_USE;

#endif
