/* formats/imap_wire/url.h: IMAP URLs of a message or a part of one (RFC 5092), for CATENATE (RFC
 * 4469), GENURLAUTH and URLFETCH (RFC 4467). URLs of a server, a mailbox or a search are rejected,
 * as both extensions require.
 *
 *	imap://joe@example.com/INBOX;UIDVALIDITY=3/;UID=20/;SECTION=1.2/;PARTIAL=0.1024
 *		;EXPIRE=2026-12-24T12:00:00Z;URLAUTH=submit+fred:internal:91354a...
 *	/INBOX/;UID=20		relative to the server and user of the session
 *	;UID=20			relative to the selected mailbox
 */
#ifndef IMAP_WIRE_URL_H
#define IMAP_WIRE_URL_H
#include "formats/imap_wire/fetch.h"

struct arena;

/* access = ("submit+" enc-user) / ("user+" enc-user) / "authuser" / "anonymous" */
enum imap_url_access {
	URL_ACCESS_NONE, /* there is no URLAUTH */
	URL_ACCESS_SUBMIT,
	URL_ACCESS_USER,
	URL_ACCESS_AUTHUSER,
	URL_ACCESS_ANONYMOUS,
};

/* Decoded; strings borrow from the text or live in the arena. */
struct imap_url {
	bool absolute;        /* it names a server */
	struct str user;      /* empty: none */
	struct str host;      /* as written, without its port */
	struct str mailbox;   /* UTF-8; empty: the selected one */
	uint32_t uidvalidity; /* 0: any */
	uint32_t uid;
	struct imap_section section; /* with the partial; peek */
	bool expires;
	int64_t expire_ms;
	enum imap_url_access access;
	struct str access_user;
	struct str mech, token; /* empty for a rump URL */
	size_t rump;            /* length of the rump in the text, which the token signs */
};

/* Parse all of text. */
bool imap_url_parse(struct str text, struct arena *a, struct imap_url *out);

#endif
