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

/* What MAIL and RCPT carry. */
struct smtp_path {
	struct mailaddr addr; /* null for "<>" */
	struct smtp_param params[SMTP_PARAMS_MAX];
	size_t param_count;
};

/* Split a command line into its verb (letters up to the first blank) and the rest without
 * blanks at both ends. Always succeeds; an odd line is a verb nobody knows. */
void smtp_command_split(struct str line, struct str *verb, struct str *args);

/* "FROM:<path> params" or "TO:<path> params", where prefix is STR("FROM:"): blanks after
 * the colon, which RFC 5321 3.3 forbids and some clients send, are skipped. flags are those
 * of mailaddr_parse_path. False when any of it is not of the form; *out is then undefined.
 * Parts that are not normal where they stand live in a, the others borrow from args. */
bool smtp_path_parse(struct str args, struct str prefix, unsigned flags, struct arena *a,
                     struct smtp_path *out);

/* EHLO's argument: a domain or an address literal (RFC 5321 4.1.1.1). */
bool smtp_hello_parse(struct str args);

#endif
