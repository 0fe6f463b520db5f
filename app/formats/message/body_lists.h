/* formats/message/body_lists.h: the parts of a message that a reader shows as its body, and its
 * attachments (RFC 8621 4.1.4). */
#ifndef MESSAGE_BODY_LISTS_H
#define MESSAGE_BODY_LISTS_H
#include "formats/message/structure.h"

/* Indexes of parts, in the order of the RFC's lists. */
struct body_list {
	uint32_t *parts;
	size_t n;
};
struct body_lists {
	struct body_list text, html, attachments;
};
/* RFC 8621 4.1.4, parseStructure. Linear; arrays live in a. */
void body_lists_of(struct arena *a, const struct structure *s, struct body_lists *out);
/* Is there an attachment that is not inline? An image with a Content-ID in a multipart/related is
 * a part of its HTML. */
bool body_has_attachment(const struct structure *s, const struct body_lists *lists);

#endif
