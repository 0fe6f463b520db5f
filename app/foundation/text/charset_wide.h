/* foundation/text/charset_wide.h: charsets with wide units or shift states: UTF-7, UTF-16, UTF-32,
 * and the 7-bit ones that shift between sets. Private to foundation/text/charset.c. */
#ifndef TEXT_CHARSET_WIDE_H
#define TEXT_CHARSET_WIDE_H
#include "foundation/base/buf.h"

enum charset_wide { WIDE_16_BE, WIDE_16_LE, WIDE_32_BE, WIDE_32_LE };
enum charset_shift { SHIFT_JP, SHIFT_KR, SHIFT_HZ };

/* UTF-7 (RFC 2152). */
void charset_utf7_decode(struct buf *out, struct str in);

/* A byte order mark is dropped; it may change the order. */
void charset_wide_decode(struct buf *out, enum charset_wide wide, struct str in);

/* ISO-2022-JP (RFC 1468, 1554) to EUC-JP, ISO-2022-KR (RFC 1557) to EUC-KR, HZ (RFC 1843) to
 * EUC-CN: the same characters with the eighth bit instead of shift sequences. At most
 * twice as long: JIS X 0212 and kana take a prefix byte. */
void charset_unshift(struct buf *out, enum charset_shift shift, struct str in);

#endif
