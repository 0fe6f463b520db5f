/* formats/sasl/sasl.h: authentication exchanges (RFC 4422) as machines: bytes in, bytes out.
 *
 * The server side of a protocol:
 *
 *	struct sasl s;
 *
 *	if (!sasl_begin(&s, STR("SCRAM-SHA-256"), allowed)) ...     no such mechanism
 *	status = sasl_line(&s, initial_response_or_NULL, &challenge);
 *	switch (status) {
 *	SASL_CONTINUE   send the challenge, park, and give the response to sasl_line
 *	SASL_SALT       sasl_salt(&s, of s.authcid), then sasl_line(&s, NULL, ...)
 *	SASL_DONE       is it true, what sasl_claim(&s) says is claimed? sasl_judge(&s, good,
 *	                ...), then sasl_line(&s, NULL, ...): the mechanism may have a last word
 *	SASL_OVER       tell the client what was judged
 *	}
 *	sasl_end(&s);
 *
 * sasl_line takes and gives the base64 lines of SMTP, IMAP, POP3 and ManageSieve, sasl_step
 * the same in bytes. The machine says what the peer claims; whether it is true is for
 * model/directory/login/login.h. */
#ifndef SASL_H
#define SASL_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/str.h"
#include "foundation/crypto/scram.h"

enum sasl_status {
	SASL_CONTINUE,  /* send the challenge, then step with the response             */
	SASL_SALT,      /* a salt is wanted: sasl_salt, then step with NULL            */
	SASL_DONE,      /* the claim is there: sasl_judge, then step with NULL         */
	SASL_OVER,      /* nothing more to say than what was judged                    */
	SASL_BAD,       /* not of the mechanism's form: 501 5.5.2 / BAD; it is over    */
	SASL_DENIED,    /* of its form, and no good: as a wrong password; it is over   */
	SASL_CANCELLED, /* the client sent "*" (RFC 4954 4, RFC 9051 6.2.2): 501 / BAD */
};

enum {
	SASL_NAME_MAX = 20,      /* of a mechanism, RFC 4422 3.1                       */
	SASL_FIELD_MAX = 1024,   /* bytes of one of authzid, authcid, password         */
	SASL_NONCE_MAX = 256,    /* bytes of a client's nonce                          */
	SASL_MESSAGE_MAX = 6144, /* bytes of a response before base64; a token is long */
	SASL_LINE_MAX = 8192,    /* the same in base64                                 */
};

/* What a mechanism needs of the place it is used in. What is allowed is a set of these. */
enum sasl_mech_flags {
	SASL_PLAINTEXT = BIT(0),    /* sends the password as it is                        */
	SASL_CLIENT_FIRST = BIT(1), /* the client's response comes first                  */
	SASL_SCRAM = BIT(2),        /* verifiers of passwords (directory/login/credential.h)    */
	SASL_BINDING = BIT(3),      /* the channel below has a name: s.binding            */
	SASL_TOKENS = BIT(4),       /* somebody who verifies tokens                       */
	SASL_CERTIFICATE = BIT(5),  /* the client has shown a certificate, in TLS         */
	SASL_CRAM = BIT(6),         /* verifiers of CRAM-MD5 (crypto/cram.h)              */
	SASL_ALL = ~0,
};

/* What is claimed at SASL_DONE, beside authcid and authzid. */
enum sasl_claim {
	SASL_CLAIM_PASSWORD,    /* password                                             */
	SASL_CLAIM_PROOF,       /* scram: auth_message, proof                           */
	SASL_CLAIM_TOKEN,       /* token; authcid may be empty: the token says          */
	SASL_CLAIM_CERTIFICATE, /* nothing: it is TLS that knows                        */
	SASL_CLAIM_CRAM,        /* cram_challenge, cram_digest                          */
};

struct sasl;

/* A row of the table of mechanisms, in order of preference. */
struct sasl_mech {
	struct str name;
	unsigned flags;
	enum sasl_claim claim;
	enum sasl_status (*step)(struct sasl *s, const struct str *in, struct buf *out);
};

extern const struct sasl_mech sasl_mechs[];
extern const size_t sasl_mech_count;

/* NULL when unknown, or when it has a flag that allowed lacks; name in any case. */
const struct sasl_mech *sasl_mech_find(struct str name, unsigned allowed);
/* Append the allowed ones: "PLAIN LOGIN" with separator ' ' and no prefix (SMTP),
 * " AUTH=PLAIN AUTH=LOGIN" with prefix " AUTH=" and separator 0 (IMAP). */
void sasl_mechs_put(struct buf *out, unsigned allowed, struct str prefix, char separator);

/* Of SCRAM. Strings live in the exchange's arena. */
struct sasl_scram {
	enum scram_hash hash;
	struct str gs2;          /* gs2-header, which the client must repeat           */
	struct str first_bare;   /* client-first-message-bare                          */
	struct str nonce;        /* both halves                                        */
	struct str server_first; /* server-first-message                               */
	struct str salt;         /* by sasl_salt                                       */
	uint32_t iterations;
	struct str auth_message; /* RFC 5802 3; at SASL_DONE                           */
	struct str proof;
	uint8_t server_key[SCRAM_BYTES_MAX]; /* by sasl_judge                          */
};

/* One exchange. All zero is a valid ended one. */
struct sasl {
	const struct sasl_mech *mech;
	unsigned allowed;   /* what was, at the begin                                */
	unsigned stage;     /* the mechanism's own                                   */
	bool judged, good;  /* by sasl_judge                                         */
	struct str authzid; /* who to act as, empty for oneself                      */
	struct str authcid; /* whose password it is                                  */
	struct str password;
	struct str token;
	struct str host; /* OAUTHBEARER: where the client believes to be; may be    */
	struct str port; /* empty. The token's verifier compares (RFC 7628 3.2)     */
	/* Borrowed, set after sasl_begin where SASL_BINDING is allowed: the channel's data for
	 * tls-server-end-point (RFC 5929 4). */
	struct str binding;
	/* Borrowed, may be set after sasl_begin: the server's host name, for CRAM-MD5. */
	struct str server;
	struct str cram_challenge, cram_digest; /* of CRAM-MD5: crypto/cram.h               */
	/* The server's part of nonces: random, made by sasl_begin. */
	struct str nonce;
	struct sasl_scram *scram; /* NULL unless it is SCRAM                                 */
	struct arena arena;       /* owns all but the binding; wiped at the end              */
};

/* Start; false when sasl_mech_find finds nothing. Follow with sasl_end. */
bool sasl_begin(struct sasl *s, struct str name, unsigned allowed);
/* Wipe and free. Again is a no-op. */
void sasl_end(struct sasl *s);

/* At SASL_SALT: what belongs to s->authcid, known or not. */
void sasl_salt(struct sasl *s, struct str salt, uint32_t iterations);
/* At SASL_DONE. server_key is ServerKey of the password that was proven, scram_bytes long;
 * NULL for other claims. */
void sasl_judge(struct sasl *s, bool good, const uint8_t *server_key);

/* One step. in is the client's response, already out of base64; NULL at the first step
 * when the command carried none (an empty one is not the same), and after sasl_salt and
 * sasl_judge. out gets the challenge (often empty) to be sent with SASL_CONTINUE. in may be
 * wiped afterwards. */
enum sasl_status sasl_step(struct sasl *s, const struct str *in, struct buf *out);

/* One step in base64. line is the client's line without its end: base64, "*" to cancel,
 * or, only at the first step, "=" for an empty initial response (RFC 4954 4, RFC 4959 3);
 * NULL as above. out gets the challenge in base64, without "334 " or "+ " and line end.
 * Wipes what it decoded; the line in the connection's buffer is the caller's to wipe. */
enum sasl_status sasl_line(struct sasl *s, const struct str *line, struct buf *out);

#endif
