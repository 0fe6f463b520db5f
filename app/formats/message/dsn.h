/* formats/message/dsn.h: the syntax of delivery status notifications, in the envelope and in
 * reports: NOTIFY, ORCPT and xtext of RFC 3461 4, the UTF-8 address type of RFC 6533 3. */
#ifndef MESSAGE_DSN_H
#define MESSAGE_DSN_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

struct arena;
struct mailaddr;

enum dsn_notify { /* RFC 3461 4.1; 0 is the default: failure and delay */
	          DSN_NEVER = BIT(0),
	          DSN_SUCCESS = BIT(1),
	          DSN_FAILURE = BIT(2),
	          DSN_DELAY = BIT(3),
};

enum {
	DSN_ENVID_MAX = 100, /* RFC 3461 4.4 */
	DSN_ORCPT_MAX = 500, /* RFC 3461 4.2 */
};

/* NOTIFY's value: "NEVER", or others separated by commas. False: malformed. */
bool dsn_notify_parse(struct str value, unsigned *out);
/* The same as text; nothing for 0. */
void dsn_notify_put(struct buf *out, unsigned notify);

/* Is all of s xtext whose decoded bytes are printable ASCII (RFC 3461 4.2, 4.4)? */
bool dsn_xtext_check(struct str s);
/* Append the decoded xtext s, which has passed dsn_xtext_check. */
void dsn_xtext_decode(struct buf *out, struct str s);
/* Append printable ASCII as xtext. */
void dsn_xtext_put(struct buf *out, struct str s);

/* ORCPT's value: "addr-type;xtext", or "utf-8;" with an address of RFC 6533 3. utf8 (the session
 * has SMTPUTF8) allows raw UTF-8 in it. At most DSN_ORCPT_MAX bytes. */
bool dsn_orcpt_check(struct str value, bool utf8);

/* ORCPT's value for this address; empty when it would be too long. */
struct str dsn_orcpt_of(struct arena *a, const struct mailaddr *address);

/* Three forms of an ORCPT value, which has passed dsn_orcpt_check: */
enum dsn_form {
	DSN_FORM_ENVELOPE, /* for ORCPT, to a server without SMTPUTF8 */
	DSN_FORM_ASCII,    /* "rfc822; a@b", for message/delivery-status        */
	DSN_FORM_UTF8,     /* for message/global-delivery-status               */
};
/* A value that is already in the form is copied unchanged (RFC 3461 5.2.1 (d)). */
void dsn_orcpt_put(struct buf *out, struct str value, enum dsn_form form);

/* Append an address in any alphabet as 7-bit text: utf-8-addr-xtext of RFC 6533 3. text is
 * valid UTF-8. */
void dsn_utf8_put(struct buf *out, struct str text);
/* Decode utf-8-addr-xtext or -unitext to UTF-8. False, with nothing appended: malformed (RFC 6533
 * 3: then copy it unchanged). */
bool dsn_utf8_decode(struct buf *out, struct str text);

#endif
