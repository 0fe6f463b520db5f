/* formats/mailauth/authres.h: the field Authentication-Results (RFC 8601): the results of a
 * server's sender authentication, for its clients. ARC contains the same text (RFC 8617 4.1.1).
 *
 *	mx.example.org;
 *		spf=pass smtp.mailfrom=user@example.com;
 *		dkim=fail (the body has changed) header.d=example.com header.s=k1
 *
 * Readers trust these fields, so forged ones with our name must be removed (RFC 8601 5). */
#ifndef MAILAUTH_AUTHRES_H
#define MAILAUTH_AUTHRES_H
#include "foundation/base/buf.h"

struct arena;

/* --- writing ----------------------------------------------------------------------------- */

struct authres {
	struct buf *out;
	bool any; /* method */
};

/* Write the value of the field. serv_id: our host name. Then for each method, in this order:
 * result, comment, properties. Lines end in CRLF and are folded before methods, and long ones
 * before properties; bytes that are not allowed become "?". */
void authres_begin(struct authres *r, struct buf *out, struct str serv_id);
void authres_method(struct authres *r, const char *method, struct str result);
/* For people; omitted when text is empty, truncated when it is long. */
void authres_comment(struct authres *r, struct str text);
/* name: "smtp.mailfrom". Omitted when value is empty, or longer than any address: a truncated one
 * could name another sender. */
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

/* value: of the field, unchanged. Results live in a, or borrow from value. False: malformed, of
 * another version, or beyond the two limits. Linear. */
bool authres_parse(struct str value, struct arena *a, struct authres_field *out);

/* Does the field claim to be written by host? Also true for a parent or child name of host, and for
 * a malformed field, because another reader might accept it. */
bool authres_claims(struct str value, struct str host);

#endif
