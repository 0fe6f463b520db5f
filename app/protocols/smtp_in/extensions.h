/* protocols/smtp_in/extensions.h: the table of what EHLO announces. */
#ifndef SMTP_IN_EXTENSIONS_H
#define SMTP_IN_EXTENSIONS_H
#include "protocols/smtp_in/session.h"

/* When adding one: a row here in the order of the announcement, its parameters in params.c,
 * a golden transcript for each role that has it and each that has not, the RFC in app/rfc.tsv. */
struct in_extension {
	const char *keyword;
	unsigned roles;                                        /* bits of enum smtp_role    */
	bool (*offered)(const struct in_session *s);           /* now; NULL: always         */
	void (*put)(const struct in_session *s, struct buf *); /* arguments, each with its
	                                                        * blank before it; NULL: none */
};

extern const struct in_extension in_extensions[];
extern const size_t in_extension_count;

/* Append the lines of a reply to EHLO that name extensions, the last one included. */
void in_extensions_put(const struct in_session *s, struct buf *out);

#endif
