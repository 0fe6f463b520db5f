/* tests/unit/message/crafted.h: a message that was made to need much memory: attached messages
 * with long lists of the shortest addresses. */
#ifndef UNIT_MESSAGE_CRAFTED_H
#define UNIT_MESSAGE_CRAFTED_H
#include "foundation/base/buf.h"

/* Append one with that many attached messages, bytes in all, or a little less. */
static inline void crafted_put(struct buf *out, unsigned messages, size_t bytes)
{
	size_t each = bytes / messages - 64;

	buf_put(out, STR("Content-Type: multipart/mixed; boundary=b\r\n\r\n"));
	for (unsigned i = 0; i < messages; i++) {
		buf_put(out, STR("--b\r\nContent-Type: message/rfc822\r\n\r\nTo: "));
		for (size_t n = 0; n + 1 < each; n += 2)
			buf_put(out, STR("a,"));
		buf_put(out, STR("\r\n\r\nx\r\n"));
	}
	buf_put(out, STR("--b--\r\n"));
}

#endif
