/* formats/imap_wire/put.h: writing responses (RFC 9051 section 9).
 *
 * All functions append to a buf, whose overflow is sticky. Text is quoted where possible, otherwise
 * a literal: for 8-bit bytes, line ends, or a line that would be too long. */
#ifndef IMAP_WIRE_PUT_H
#define IMAP_WIRE_PUT_H
#include "foundation/base/buf.h"

struct envelope;
struct structure;

/* string = quoted / literal. NUL bytes, which IMAP cannot carry, become 0x80. */
void imap_put_string(struct buf *out, struct str s);
/* nstring: NIL when absent. */
void imap_put_nstring(struct buf *out, struct str s, bool present);
/* astring = 1*ASTRING-CHAR / string */
void imap_put_astring(struct buf *out, struct str s);
/* mailbox: UTF-8 name; in modified UTF-7 unless the client enabled UTF-8, then quoted (RFC
 * 6855 3). */
void imap_put_mailbox(struct buf *out, struct str name, bool utf8);
/* The human-readable text of a response: one line of printable ASCII. */
void imap_put_text(struct buf *out, struct str text);
/* Bytes of a literal, NUL as 0x80. */
void imap_put_literal_bytes(struct buf *out, struct str s);
/* date-time, in UTC, with its quotes. */
void imap_put_date(struct buf *out, int64_t time_ms);

void imap_put_envelope(struct buf *out, const struct envelope *e);
/* body: with extension data (BODYSTRUCTURE) or without (BODY). */
void imap_put_structure(struct buf *out, const struct structure *s, bool extended);
/* The same of one part with all below it. */
void imap_put_part(struct buf *out, const struct structure *s, uint32_t part, bool extended);

#endif
