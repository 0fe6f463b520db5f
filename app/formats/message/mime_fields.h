/* formats/message/mime_fields.h: reading the Content-* fields of a part header; private to
 * formats/message/mime.c. */
#ifndef MESSAGE_MIME_FIELDS_H
#define MESSAGE_MIME_FIELDS_H
#include "formats/message/mime.h"

/* Fill the spans of part from its header. The first field of a name counts. */
void mime_fields_read(const struct message *m, struct part *part);

/* Type and subtype as declared, or the default (RFC 2045 5.2, RFC 2046 5.1.5). */
void mime_fields_type(const struct message *m, const struct part *part, struct str *type,
                      struct str *subtype);
/* Are they these? An empty subtype matches any. */
bool mime_fields_declares(const struct message *m, const struct part *part, struct str type,
                          struct str subtype);

/* Is it a message/rfc822 or message/global whose content is not encoded? */
bool mime_fields_is_message(const struct message *m, const struct part *part);

/* The boundary of a multipart; false when it is not one, or has no usable boundary. */
bool mime_fields_boundary(struct arena *a, const struct message *m, const struct part *part,
                          const struct message_limits *limits, struct str *out);

#endif
