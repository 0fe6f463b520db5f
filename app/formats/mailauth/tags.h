/* formats/mailauth/tags.h: lists of tag=value (RFC 6376 3.2), which signatures, key records,
 * DMARC and MTA-STS records are written in. */
#ifndef MAILAUTH_TAGS_H
#define MAILAUTH_TAGS_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

enum { TAGS_MAX = 32 };

struct tag {
	struct str name;
	struct str value; /* without the white space around it; that within is kept */
	struct str whole; /* with it: from behind the "=" to before the ";"        */
};

struct tags {
	struct tag items[TAGS_MAX];
	size_t count;
};

/* Everything is borrowed from list. False: that is no such list, a tag is there twice, or there
 * are more than TAGS_MAX. Linear. */
bool tags_parse(struct str list, struct tags *out);
/* By name, in this case (RFC 6376 3.2); NULL when it is absent. */
const struct tag *tags_find(const struct tags *t, struct str name);
/* Its value, or this when it is absent. */
struct str tags_value(const struct tags *t, struct str name, struct str absent);

/* Append the bytes of base64string, which may be folded anywhere and whose padding may be missing
 * (RFC 6376 2.10). False: it is none, is empty, or has more than TAGS_BASE64_MAX digits, or out has
 * no room for it. */
enum { TAGS_BASE64_MAX = 1400 };
bool tags_base64(struct str value, struct buf *out);

/* Are two values the same but for white space, as base64 may be written? */
bool tags_same_packed(struct str a, struct str b);

#endif
