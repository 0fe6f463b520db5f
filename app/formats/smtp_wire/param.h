/* formats/smtp_wire/param.h: the grammar of the values of MAIL's parameters, and of EHLO's LIMITS.
 * ORCPT, NOTIFY and xtext are in formats/message/dsn.h. */
#ifndef SMTP_WIRE_PARAM_H
#define SMTP_WIRE_PARAM_H
#include "foundation/base/cur.h"

/* SIZE= of RFC 1870 3: up to 20 digits; UINT64_MAX for larger numbers. */
bool smtp_size_parse(struct str value, uint64_t *out);

/* BY= of RFC 2852 4. */
struct smtp_by {
	int32_t seconds;   /* from now; 0 or less only without give_back */
	bool give_back;    /* mode R: past it the message is returned; otherwise N */
	bool trace;        /* T: every relay is reported                      */
};
bool smtp_by_parse(struct str value, struct smtp_by *out);
/* Append "120;RT". */
struct buf;
void smtp_by_put(struct buf *out, const struct smtp_by *by);

/* MT-PRIORITY= of RFC 6710 4.1: -9 to 9. */
bool smtp_priority_parse(struct str value, int *out);

/* HOLDFOR= of RFC 4865 3: seconds, 1 to 999999999. */
bool smtp_hold_for_parse(struct str value, uint32_t *seconds);
/* HOLDUNTIL= of RFC 4865 3: an RFC 3339 date and time, in UTC, so with "Z". */
bool smtp_hold_until_parse(struct str value, int64_t *time_ms);

/* A server's LIMITS line (RFC 9422); 0: no limit. Unknown and malformed ones are ignored. */
struct smtp_limits {
	uint32_t mail_max;        /* transactions of a connection            */
	uint32_t rcpt_max;        /* recipients of a transaction             */
	uint32_t rcpt_domain_max; /* domains of the recipients */
};
void smtp_limits_parse(struct str value, struct smtp_limits *out);

#endif
