/* formats/message/build.h: writing header fields, for Received, bounces and submission.
 *
 * Every function appends whole fields that end in CRLF, folded at white space to 76 columns (RFC
 * 5322 2.1.1). CR, LF and NUL in text become spaces, which prevents injection of fields. */
#ifndef MESSAGE_BUILD_H
#define MESSAGE_BUILD_H
#include "formats/message/address.h"
#include "foundation/base/buf.h"

struct arena;

/* "Name: value", value unchanged (ASCII, or UTF-8 in a SMTPUTF8 message). */
void build_field(struct buf *out, struct str name, struct str value);
/* Unstructured text (Subject): UTF-8 as encoded-words (RFC 2047) where it is not ASCII or looks
 * like an encoded-word. */
void build_text(struct buf *out, struct str name, struct str text);
/* An address list; names are UTF-8 and are quoted or encoded, groups are written. */
void build_addresses(struct buf *out, struct str name, const struct address *items, size_t n);
/* "Date: Sat, 21 Nov 2026 04:58:05 +0000". */
void build_date(struct buf *out, struct str name, int64_t time_ms);
/* A parameter, `; name="value"`, or encoded by RFC 2231 when value is not plain ASCII; for values
 * that the caller composes for build_field. */
void build_param_put(struct buf *out, struct str name, struct str value);

/* A new unique "<random@domain>" that lives in a (RFC 5322 3.6.4). */
struct str build_message_id(struct arena *a, struct str domain);
/* A new boundary of 32 characters that cannot occur in quoted-printable or base64. */
struct str build_boundary(struct arena *a);

#endif
