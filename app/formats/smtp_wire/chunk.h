/* formats/smtp_wire/chunk.h: the BDAT command (RFC 3030).
 *
 * A chunk has a size, so its contents cannot end it. But the message may later be sent by DATA, or
 * be read by lines. Unless it was announced as BINARYMIME, its line ends must be those of DATA, and
 * a lone CR or LF, or a NUL, is refused (RFC 3030 2 requires canonical lines). For a binary message
 * this applies to the header. */
#ifndef SMTP_WIRE_CHUNK_H
#define SMTP_WIRE_CHUNK_H
#include "foundation/base/str.h"

struct smtp_bdat {
	uint64_t size; /* bytes that follow the command line */
	bool last;
};

/* args of BDAT: chunk-size [SP "LAST"]. False: the length of the following data is unknown, so the
 * connection must be closed. */
bool smtp_bdat_parse(struct str args, struct smtp_bdat *out);

#endif
