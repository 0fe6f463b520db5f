/* protocols/pop3/pop3.h: the POP3 server (RFC 1939).
 *
 * How a command goes through this folder:
 *
 *	session.c      the protocol as the runtime sees it: lines in, replies out, states
 *	commands.c     the table of commands, the only place that checks their states
 *	cmd_login.c    USER, PASS, AUTH, STLS: the login, by protocols/line
 *	maildrop.c     the lock of an account's INBOX, and the list of its messages
 *	cmd_maildrop.c STAT, LIST, UIDL, DELE, RSET, QUIT: what the list answers
 *	cmd_retrieve.c RETR, TOP: bytes of a message
 *	wire_lines.c   a message as the lines of a response
 *
 * A session reads the list once, after the login: numbers of messages stay as they are until
 * QUIT. It changes nothing before QUIT, which removes all deleted messages in one transaction. */
#ifndef POP3_H
#define POP3_H

struct live;
struct logins;
struct mailboxes;
struct maildrops;
struct proto;
struct store;

/* conn_service.context of a listener that runs pop3_proto. Made in server/, constant while the
 * runtime lives; everything is borrowed. */
struct pop3_server {
	struct store *store;
	const struct mailboxes *mailboxes;
	struct logins *logins;
	struct live *live; /* a session keeps the settings it began with */
	struct maildrops *maildrops;
	unsigned messages_max; /* 0: LIMIT_pop3_messages */
};

/* The maildrops that are locked: one for a server. */
struct maildrops *maildrops_new(void);
/* No session is left. NULL is a no-op; clears *d. */
void maildrops_free(struct maildrops **d);

extern const struct proto pop3_proto;

#endif
