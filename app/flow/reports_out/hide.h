/* flow/reports_out/hide.h: names of people in what is told to strangers become others (RFC 6590).
 * Pure. */
#ifndef REPORTS_OUT_HIDE_H
#define REPORTS_OUT_HIDE_H
#include "formats/message/mailaddr.h"
#include "foundation/base/buf.h"

struct arena;

enum { OUT_HIDE_KEY = 32, OUT_HIDE_NAME = 24 /* hexadecimal digits */ };

struct out_hide {
	const uint8_t *key;            /* OUT_HIDE_KEY bytes                             */
	const struct mailaddr *people; /* their domains are those where names are hidden */
	size_t count;
};

/* Append what stands for a local part: the same for the same address, in any case. */
void out_hide_local(struct buf *out, const struct out_hide *h, struct str local,
                    struct str domain);

/* Append text, but with other names before "@domain" and "=domain@" (return paths that name whom
 * they are for), for each domain of people; all: before each "@". Linear in text times people, up
 * to where out overflows. */
void out_hide_put(struct buf *out, const struct out_hide *h, struct str text, bool all);

/* Append the addresses of a To field without the names beside them, at most OUT_HIDE_LIST. */
enum { OUT_HIDE_LIST = 20 };
void out_hide_list(struct buf *out, const struct out_hide *h, struct str value, struct arena *a);

/* With " " for tabs, and "?" for all else but printable ASCII. In a. */
struct str out_ascii(struct arena *a, struct str s);
/* Would it make a line that is too long, as it cannot be folded (RFC 5322 2.1.1)? */
bool out_word_is_long(struct str s);

#endif
