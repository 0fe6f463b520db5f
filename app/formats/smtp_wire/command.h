/* formats/smtp_wire/command.h: the grammar of SMTP commands (RFC 5321 4.1). */
#ifndef SMTP_WIRE_COMMAND_H
#define SMTP_WIRE_COMMAND_H
#include "formats/message/mailaddr.h"

struct arena;

enum { SMTP_PARAMS_MAX = 16 };

/* One esmtp-param: "SIZE=1000"; value is empty without "=". Borrowed from the line. */
struct smtp_param {
	struct str keyword;
	struct str value;
};

/* The argument of MAIL and RCPT. */
struct smtp_path {
	struct mailaddr addr; /* null for "<>" */
	struct smtp_param params[SMTP_PARAMS_MAX];
	size_t param_count;
};

/* Split a command line into its verb (letters up to the first blank) and the rest without blanks at
 * both ends. Always succeeds; a malformed line has an unknown verb. */
void smtp_command_split(struct str line, struct str *verb, struct str *args);

/* "FROM:<path> params" or "TO:<path> params", where prefix is STR("FROM:"). Blanks after the colon
 * are skipped: RFC 5321 3.3 forbids them, but some clients send them. flags are those of
 * mailaddr_parse_path. False when a part is malformed; *out is then undefined. Parts that are not
 * in normal form live in a, the others borrow from args. */
bool smtp_path_parse(struct str args, struct str prefix, unsigned flags, struct arena *a,
                     struct smtp_path *out);

/* EHLO's argument: a domain or an address literal (RFC 5321 4.1.1.1). */
bool smtp_hello_parse(struct str args);

#endif
