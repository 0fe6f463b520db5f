/* protocols/smtp_in/commands.h: the rows of the command table, for its test. */
#ifndef SMTP_IN_COMMANDS_H
#define SMTP_IN_COMMANDS_H
#include "foundation/base/str.h"

struct in_session;

struct in_row {
	const char *verb;
	unsigned states; /* bits of enum in_state in which it may come */
	bool bare;       /* takes no argument (RFC 5321 4.1.1)           */
	bool bytes;      /* follow it, also when it is refused (RFC 3030)  */
	unsigned roles;  /* bits of enum smtp_role in which it is known    */
	void (*run)(struct in_session *s, struct str args);
};

extern const struct in_row in_rows[];
extern const size_t in_row_count;

#endif
