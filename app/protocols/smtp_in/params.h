/* protocols/smtp_in/params.h: the table of what may stand behind the addresses of MAIL and RCPT. */
#ifndef SMTP_IN_PARAMS_H
#define SMTP_IN_PARAMS_H
#include "formats/smtp_wire/command.h"
#include "protocols/smtp_in/session.h"

/* Every listener. */
#define IN_ANY (~0u)

/* The shortest time that BY=...;R may give us: less, and the mail would be on its way back before
 * a second attempt (RFC 2852 2). */
enum { IN_BY_MIN_S = 60 };

/* Until when mail may be held (RFC 4865 3): the beginning of the last day that HOLDFOR could reach,
 * so that who asks twice is told the same. */
int64_t in_hold_last_ms(int64_t now_ms);

enum in_param_value { IN_PARAM_NONE, IN_PARAM_SOME };

/* When adding one: a row, its grammar in a pure file, what it does in reports_in/mail.h's struct
 * in_mail or in the recipient, its extension in extensions.c, golden transcripts. */
struct in_param {
	const char *keyword;
	unsigned roles; /* bits of enum smtp_role in which it is known      */
	enum in_param_value value;
	/* Take it: into s->mail, or into rcpt, which is NULL with MAIL. False: refused, and
	 * answered. */
	bool (*take)(struct in_session *s, struct str value, struct envelope_rcpt *rcpt);
};

extern const struct in_param in_mail_params[], in_rcpt_params[];
extern const size_t in_mail_param_count, in_rcpt_param_count;

/* Take all that path has. False: one of them was refused, and answered; s->mail may then hold
 * what came before it. Strings of rcpt are borrowed. */
bool in_mail_params_take(struct in_session *s, const struct smtp_path *path);
bool in_rcpt_params_take(struct in_session *s, const struct smtp_path *path,
                         struct envelope_rcpt *rcpt);

#endif
