/* flow/filtering/mailto.h: mailto URIs (RFC 6068), as far as notifications use them (RFC 5436). */
#ifndef FILTERING_MAILTO_H
#define FILTERING_MAILTO_H
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"

enum { MAILTO_ADDRESSES = 10 };

struct mailto {
	struct mailaddr
		addresses[MAILTO_ADDRESSES]; /* of the path, "to" and "cc"; no address twice */
	size_t n;
	struct str subject, body; /* empty: not given */
};

/* Everything lives in a. False: no mailto URI, or one without an address, or with one that is not
 * valid. Further addresses than MAILTO_ADDRESSES are ignored, and other fields than "subject" and
 * "body" (RFC 5436 2.7). */
bool mailto_parse(struct arena *a, struct str uri, struct mailto *out);

#endif
