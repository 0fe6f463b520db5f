/* protocols/smtp_in/smtp_in.h: the SMTP server: mail from other servers (RFC 5321) and from users
 * (submission, RFC 6409).
 *
 * Chapter. session.c is the protocol as the runtime sees it: lines in, replies out,
 * states. commands.c is the table of commands; each command's own file (hello.c,
 * mail.c, rcpt.c, data.c, auth.c) checks and acts. formats/smtp_wire/ is the grammar, in
 * pure functions. delivery/ returns only when an accepted message is durable; then the client gets
 * 250. */
#ifndef SMTP_IN_H
#define SMTP_IN_H
#include "foundation/base/str.h"

struct delivery;
struct live;
struct logins;
struct policy;
struct proto;
struct store;

enum smtp_role {
	SMTP_MX,         /* anybody, but only to our own domains    */
	SMTP_SUBMISSION, /* users after login, to anywhere          */
	/* A mail server in front of us (RFC 2033), which has asked what there is to ask: to our
	 * own domains, without checks but the filters that say so. */
	SMTP_LMTP,
};

/* Made once in server/, constant afterwards; everything is borrowed. */
struct smtp_in_config {
	struct store *store;
	struct delivery *delivery;
	struct logins *logins;
	struct live *live;     /* a session keeps the settings it began with */
	struct policy *policy; /* NULL: nothing is checked beyond the RFCs   */
};

/* conn_service.context of a listener that runs smtp_in_proto. */
struct smtp_in_service {
	const struct smtp_in_config *config;
	enum smtp_role role;
};

extern const struct proto smtp_in_proto;

#endif
