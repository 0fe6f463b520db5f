/* protocols/imap/fetch/section_decode.h: the bytes of a section without their transfer
 * encoding (RFC 3516 4.2, RFC 5524 3.1). */
#ifndef IMAP_SECTION_DECODE_H
#define IMAP_SECTION_DECODE_H
#include "formats/message/decode.h"
#include "protocols/imap/fetch/section.h"

struct spool;

/* The encoding of a section; identity for a multipart or message, which has none (RFC
 * 2045 6.4). False: the encoding is unknown or cannot be decoded. */
bool section_encoding(const struct structure *st, const struct imap_section *section,
                      enum part_encoding *out);

/* Decode the bytes at from, which is not made, and append them to the spool. ERR_CORRUPT:
 * the message is shorter than its record says. */
enum err section_decode(const struct mail_txn *m, const struct email *email,
                        const struct section_source *from, enum part_encoding encoding,
                        struct spool *to) MUST_USE;

#endif
