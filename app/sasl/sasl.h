/* sasl/sasl.h: authentication exchanges (RFC 4422) as machines: bytes in, bytes out.
 *
 * The server side of a protocol:
 *
 *	struct sasl s;
 *
 *	if (!sasl_begin(&s, STR("PLAIN"), SASL_ALL)) ...          no such mechanism
 *	status = sasl_step(&s, initial_response_or_NULL, &challenge);
 *	while (status == SASL_CONTINUE)                           send it, park, and later
 *		status = sasl_step(&s, &response, &challenge);
 *	if (status == SASL_DONE)
 *		login_check(... s.authcid, s.password, s.authzid ...);
 *	sasl_end(&s);
 *
 * sasl_line does the same over the base64 lines of SMTP, IMAP, POP3 and ManageSieve. The
 * machine says what the peer claims; whether it is true is for directory/login.h. So far
 * all mechanisms hand over a password. For those to come that do not (SCRAM, OAUTHBEARER,
 * EXTERNAL) a mechanism's row has flags, and its state a union beside the password's. */
#ifndef SASL_SASL_H
#define SASL_SASL_H
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

enum sasl_status {
	SASL_CONTINUE,  /* send the challenge, then step with the response             */
	SASL_DONE,      /* authcid and password are there                              */
	SASL_BAD,       /* not of the mechanism's form: 501 5.5.2 / BAD; it is over    */
	SASL_CANCELLED, /* the client sent "*" (RFC 4954 4, RFC 9051 6.2.2): 501 / BAD */
};

enum {
	SASL_NAME_MAX = 20,      /* of a mechanism, RFC 4422 3.1                       */
	SASL_FIELD_MAX = 1024,   /* bytes of one of authzid, authcid, password         */
	SASL_MESSAGE_MAX = 4096, /* bytes of a response before base64                  */
	SASL_LINE_MAX = 5464,    /* the same in base64                                 */
};

enum sasl_mech_flags {
	SASL_PLAINTEXT = BIT(0),    /* sends the password as it is: only under TLS        */
	SASL_CLIENT_FIRST = BIT(1), /* the client's response comes first               */
	SASL_ALL = ~0,
};

struct sasl;

/* A row of the table of mechanisms, in order of preference. */
struct sasl_mech {
	struct str name;
	unsigned flags;
	enum sasl_status (*step)(struct sasl *s, const struct str *in, struct buf *out);
};

extern const struct sasl_mech sasl_mechs[];
extern const size_t sasl_mech_count;

/* NULL when unknown, or when it has a flag that allowed lacks; name in any case. */
const struct sasl_mech *sasl_mech_find(struct str name, unsigned allowed);
/* Append the allowed ones: "PLAIN LOGIN" with separator ' ' and no prefix (SMTP),
 * " AUTH=PLAIN AUTH=LOGIN" with prefix " AUTH=" and separator 0 (IMAP). */
void sasl_mechs_put(struct buf *out, unsigned allowed, struct str prefix, char separator);

/* One exchange. All zero is a valid ended one. */
struct sasl {
	const struct sasl_mech *mech;
	unsigned stage;     /* the mechanism's own                                   */
	struct str authzid; /* who to act as, empty for oneself                      */
	struct str authcid; /* whose password it is                                  */
	struct str password;
	struct arena arena; /* owns the three; wiped at the end                      */
};

/* Start; false when sasl_mech_find finds nothing. Follow with sasl_end. */
bool sasl_begin(struct sasl *s, struct str name, unsigned allowed);
/* Wipe and free. Again is a no-op. */
void sasl_end(struct sasl *s);

/* One step. in is the client's response, already out of base64; NULL at the first step
 * when the command carried none (an empty one is not the same). out gets the challenge
 * (often empty) to be sent with SASL_CONTINUE. in may be wiped afterwards. */
enum sasl_status sasl_step(struct sasl *s, const struct str *in, struct buf *out);

/* One step in base64. line is the client's line without its end: base64, "*" to cancel,
 * or, only at the first step, "=" for an empty initial response (RFC 4954 4, RFC 4959 3);
 * NULL as above. out gets the challenge in base64, without "334 " or "+ " and line end.
 * Wipes what it decoded; the line in the connection's buffer is the caller's to wipe. */
enum sasl_status sasl_line(struct sasl *s, const struct str *line, struct buf *out);

#endif
