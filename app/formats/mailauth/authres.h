/* formats/mailauth/authres.h: the field Authentication-Results (RFC 8601): what a server found out
 * about who sent a message, for those behind it. ARC carries the same text (RFC 8617 4.1.1).
 *
 *	mx.example.org;
 *		spf=pass smtp.mailfrom=user@example.com;
 *		dkim=fail (the body has changed) header.d=example.com header.s=k1
 *
 * Who reads one believes it, so those that claim to be ours and are not must go (RFC 8601 5). */
#ifndef MAILAUTH_AUTHRES_H
#define MAILAUTH_AUTHRES_H
#include "foundation/base/buf.h"

struct arena;

/* --- writing ----------------------------------------------------------------------------- */

struct authres {
	struct buf *out;
	bool any; /* method */
};

/* What stands behind the colon of the field. serv_id says who we are: the host name. Then each
 * method with what goes with it, in this order: result, comment, properties. Lines end in CRLF and
 * are folded at the methods, and where they grow long at the properties; bytes that may not stand
 * somewhere become "?". */
void authres_begin(struct authres *r, struct buf *out, struct str serv_id);
void authres_method(struct authres *r, const char *method, struct str result);
/* For people; nothing when text is empty, its beginning when it is long. */
void authres_comment(struct authres *r, struct str text);
/* name: "smtp.mailfrom"; nothing when value is empty, or longer than any address: no part of it, as
 * that may name somebody else. */
void authres_property(struct authres *r, const char *name, struct str value);
/* "none" when there was no method (RFC 8601 2.2), then the line's end. */
void authres_end(struct authres *r);

/* --- reading ----------------------------------------------------------------------------- */

enum { AUTHRES_RESULTS_MAX = 40, AUTHRES_PROPERTIES_MAX = 20 };

struct authres_property {
	struct str type, name, value; /* "smtp", "mailfrom", "user@example.com" */
};

struct authres_result {
	struct str method, result; /* "spf", "pass"                  */
	struct str reason;
	struct authres_property *properties;
	size_t count;
};

struct authres_field {
	struct str serv_id;
	struct authres_result *results;
	size_t count;
};

/* value: of the field, as it came. Everything lives in a, or borrows from value. False: it is none
 * by the grammar, of another version, or beyond the two limits. Linear. */
bool authres_parse(struct str value, struct arena *a, struct authres_field *out);

/* Does such a field say that host has written it? So says also a name above or below host, and one
 * that cannot be read might be read so by somebody else. */
bool authres_claims(struct str value, struct str host);

#endif
