/* flow/reports_out/hide.h: replaces names of people in reports to strangers (RFC 6590).
 * Pure. */
#ifndef REPORTS_OUT_HIDE_H
#define REPORTS_OUT_HIDE_H
#include "formats/message/mailaddr.h"
#include "foundation/base/buf.h"

struct arena;

enum { OUT_HIDE_KEY = 32, OUT_HIDE_NAME = 24 /* hexadecimal digits */ };

struct out_hide {
	const uint8_t *key;            /* OUT_HIDE_KEY bytes                */
	const struct mailaddr *people; /* names are hidden at their domains */
	size_t count;
};

/* Append the replacement of a local part: the same for the same address, in any case. */
void out_hide_local(struct buf *out, const struct out_hide *h, struct str local,
                    struct str domain);

/* Append text with replaced names before "@domain" and "=domain@" (return paths with an
 * encoded recipient), for each domain of people; all: before each "@". Linear in text
 * times people, until out overflows. */
void out_hide_put(struct buf *out, const struct out_hide *h, struct str text, bool all);

/* Append the addresses of a To field without display names, at most OUT_HIDE_LIST. */
enum { OUT_HIDE_LIST = 20 };
void out_hide_list(struct buf *out, const struct out_hide *h, struct str value, struct arena *a);

/* s with " " for tabs, and "?" for anything but printable ASCII. In a. */
struct str out_ascii(struct arena *a, struct str s);
/* Does s make a line too long to fold (RFC 5322 2.1.1)? */
bool out_word_is_long(struct str s);

#endif
