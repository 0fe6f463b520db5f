/* operations/transfer/wire_imap.h: parses responses of an IMAP server (RFC 9051 7 and 9).
 * Pure. A response is given whole: its lines with CRLF between them, and every literal in
 * its place. Unknown responses are skipped. */
#ifndef TRANSFER_WIRE_IMAP_H
#define TRANSFER_WIRE_IMAP_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

enum { SAID_FLAGS = 128, SAID_NESTED = 32, SAID_SPACES = 16 };

enum said_kind {
	SAID_OTHER, /* untagged, not used                              */
	SAID_LIST, /* XLIST too, which Gmail had before RFC 6154        */
	SAID_COUNT, /* STATUS    */
	SAID_SPACE, /* NAMESPACE */
	SAID_FETCH,
	SAID_EXISTS,
	SAID_CAPABILITY,
	SAID_STATUS, /* OK, NO, BAD, BYE, PREAUTH; tagged or not */
	SAID_GO_ON,  /* "+"                                      */
};
enum said_result { SAID_OK, SAID_NO, SAID_BAD, SAID_BYE, SAID_PREAUTH };

struct said {
	enum said_kind kind;
	struct str tag;  /* empty: untagged */
	struct str text; /* of SAID_STATUS and SAID_CAPABILITY */
	enum said_result result;
	struct str code; /* "UIDVALIDITY 7", without its brackets; may be empty */
	uint32_t number; /* of SAID_EXISTS, SAID_FETCH; MESSAGES of SAID_COUNT */
	/* SAID_LIST */
	bool selectable;
	struct str role; /* "\Sent" (RFC 6154 2, RFC 8457), "\Inbox"; empty: none */
	char separator;  /* 0: NIL */
	struct str name; /* as received: usually modified UTF-7; also of SAID_COUNT */
	/* SAID_SPACE (RFC 2342 5): prefixes of other users' and shared mailboxes */
	struct str spaces[SAID_SPACES];
	size_t space_count;
	/* SAID_FETCH; has_...: the item is present */
	uint32_t uid, size; /* 0: missing */
	bool has_date, has_body, has_flags;
	int64_t date_ms;
	struct str body;
	struct str header;      /* of BODY[HEADER.FIELDS (...)] */
	uint64_t gmail_message; /* X-GM-MSGID; 0: missing       */
	struct str flags[SAID_FLAGS];
	size_t flag_count;
};

/* Parse one response. Strings borrow from it, or live in a if they had to be unquoted.
 * False: malformed. */
bool said_parse(struct str response, struct arena *a, struct said *out);

/* Is word one of a CAPABILITY's text, in any case? */
bool said_capable(struct str text, struct str word);
/* The number of a code such as "UIDVALIDITY 7". */
bool said_code_number(struct str code, struct str name, uint32_t *n);
/* Does the line end in a literal "{n}" (or "{n+}")? */
bool said_literal(struct str line, uint64_t *n);

/* Append a string: quoted if possible, else as a literal (RFC 9051 4.3), after whose "}"
 * CRLF the client must wait for the server. False: it has a NUL. */
bool say_string(struct buf *out, struct str s);

/* The Message-ID in the text of a header, without "<>" and blanks; empty: none. */
struct str said_message_id(struct str header);

/* The local mailbox for a name with that separator, in a: modified UTF-7 is decoded,
 * UTF-8 kept, "/" within a level becomes "_". False: invalid. */
bool said_mailbox(struct str name, char separator, struct arena *a, struct str *out);

#endif
