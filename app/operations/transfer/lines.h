/* operations/transfer/lines.h: ends of lines, which files have as LF and mail as CRLF. Pure.
 * Private to the folder. */
#ifndef TRANSFER_LINES_H
#define TRANSFER_LINES_H
#include "foundation/base/buf.h"

/* Append a message that a file holds: with CRLF where its first line ends in LF alone, else as it
 * is, byte for byte. */
void lines_put_mail(struct buf *out, struct str file);

#endif
