/* operations/transfer/lines.h: converts line ends: LF in files, CRLF in mail. Pure.
 * Private to the folder. */
#ifndef TRANSFER_LINES_H
#define TRANSFER_LINES_H
#include "foundation/base/buf.h"

/* Append a message from a file: with CRLF if its first line ends in LF alone, else byte
 * for byte. */
void lines_put_mail(struct buf *out, struct str file);

#endif
