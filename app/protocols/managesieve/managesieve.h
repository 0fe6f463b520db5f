/* protocols/managesieve/managesieve.h: the ManageSieve server (RFC 5804).
 *
 * How a command goes through this folder:
 *
 *	session.c      the protocol as the runtime sees it: commands in, responses out, states
 *	input.c        gathers a command: a line, or several with literals between them
 *	wire_syntax.c  the grammar of commands, and strings of responses
 *	commands.c     the table of commands, the only place that checks states and arguments
 *	cmd_login.c    AUTHENTICATE, STARTTLS, UNAUTHENTICATE: the login, by protocols/line
 *	cmd_scripts.c  all commands about scripts, by model/filters */
#ifndef MANAGESIEVE_H
#define MANAGESIEVE_H

struct live;
struct logins;
struct proto;
struct store;

/* conn_service.context of a listener that runs managesieve_proto. Made in server/, constant while
 * the runtime lives; everything is borrowed. */
struct managesieve_server {
	struct store *store;
	struct logins *logins;
	struct live *live; /* a session keeps the settings it began with */
};

extern const struct proto managesieve_proto;

#endif
