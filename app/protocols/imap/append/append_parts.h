/* protocols/imap/append/append_parts.h: what append*.c share. False: the reply is set. */
#ifndef IMAP_APPEND_PARTS_H
#define IMAP_APPEND_PARTS_H
#include "protocols/imap/append/append.h"

/* Steps of imap_wire/append.h. */
bool append_message_begin(struct imap *s, struct appending *g, const struct imap_append_step *step);
bool append_bytes_begin(struct imap *s, struct appending *g, enum imap_append_at at);
bool append_url_add(struct imap *s, struct appending *g, struct str url);
/* All its pieces are there. */
bool append_message_end(struct imap *s, struct appending *g);

/* Of the bytes in the spool. Errors of email_prepare. */
enum err append_prepare(struct imap *s, struct appending *g, struct email_new **out,
                        struct why *why) MUST_USE;
/* All messages are ready afterwards. Errors of email_prepare. */
enum err append_work_end(struct appending *g, struct why *why) MUST_USE;

#endif
