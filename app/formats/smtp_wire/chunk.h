/* formats/smtp_wire/chunk.h: messages in chunks (RFC 3030): the BDAT command, and what the bytes of
 * a chunk may be.
 *
 * A chunk is counted, so nothing in it can end it. But the message may leave us by DATA, or
 * lie in a mailbox that others read by lines: so unless it was announced as BINARYMIME its
 * line ends are those of DATA, and a lone CR or LF, or a NUL, is refused (RFC 3030 2 asks
 * for canonical lines). Of a binary message this holds for the header. */
#ifndef SMTP_WIRE_CHUNK_H
#define SMTP_WIRE_CHUNK_H
#include "foundation/base/str.h"

struct smtp_bdat {
	uint64_t size; /* bytes that follow the command line */
	bool last;
};

/* args of BDAT: chunk-size [SP "LAST"]. False: then nobody knows what follows, and the
 * connection is of no use any more. */
bool smtp_bdat_parse(struct str args, struct smtp_bdat *out);

#endif
