/* formats/mailauth/tags.h: lists of tag=value (RFC 6376 3.2), the syntax of signatures, key
 * records, DMARC and MTA-STS records. */
#ifndef MAILAUTH_TAGS_H
#define MAILAUTH_TAGS_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

enum { TAGS_MAX = 32 };

struct tag {
	struct str name;
	struct str value; /* without white space around it */
	struct str whole; /* with it: from after the "=" to before the ";" */
};

struct tags {
	struct tag items[TAGS_MAX];
	size_t count;
};

/* Everything is borrowed from list. False: malformed, a repeated tag, or more than TAGS_MAX.
 * Linear. */
bool tags_parse(struct str list, struct tags *out);
/* By name, case-sensitive (RFC 6376 3.2); NULL when absent. */
const struct tag *tags_find(const struct tags *t, struct str name);
/* Its value; absent when there is none. */
struct str tags_value(const struct tags *t, struct str name, struct str absent);

/* Append the bytes of base64string, which may be folded anywhere and may lack padding (RFC 6376
 * 2.10). False: malformed, empty, more than TAGS_BASE64_MAX digits, or no room in out. */
enum { TAGS_BASE64_MAX = 1400 };
bool tags_base64(struct str value, struct buf *out);

/* Are two base64 values equal apart from white space? */
bool tags_same_packed(struct str a, struct str b);

#endif
