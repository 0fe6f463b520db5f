/* formats/sasl/sasl.h: authentication exchanges (RFC 4422) as state machines: bytes in, bytes out.
 *
 * The server side of a protocol:
 *
 *	struct sasl s;
 *
 *	if (!sasl_begin(&s, STR("SCRAM-SHA-256"), allowed)) ...     no such mechanism
 *	status = sasl_line(&s, initial_response_or_NULL, &challenge);
 *	switch (status) {
 *	SASL_CONTINUE   send the challenge, park, and pass the response to sasl_line
 *	SASL_SALT       sasl_salt(&s, of s.authcid), then sasl_line(&s, NULL, ...)
 *	SASL_DONE       verify the claim sasl_claim(&s); call sasl_verified(&s, good,
 *	                ...), then sasl_line(&s, NULL, ...): the mechanism may have a last message
 *	SASL_OVER       send the result to the client
 *	}
 *	sasl_end(&s);
 *
 * sasl_line takes and returns the base64 lines of SMTP, IMAP, POP3 and ManageSieve, sasl_step the
 * same in bytes. The machine returns the client's claim; model/directory/login/login.h verifies
 * it. */
#ifndef SASL_H
#define SASL_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/str.h"
#include "foundation/crypto/scram.h"

enum sasl_status {
	SASL_CONTINUE,  /* send the challenge, then step with the response             */
	SASL_SALT,      /* needs a salt: sasl_salt, then step with NULL */
	SASL_DONE,      /* the claim is complete: sasl_verified, then step with NULL */
	SASL_OVER,      /* the exchange is over, with the result of sasl_verified */
	SASL_BAD,       /* malformed: 501 5.5.2 / BAD; it is over */
	SASL_DENIED,    /* well-formed but invalid: like a wrong password; it is over */
	SASL_CANCELLED, /* the client sent "*" (RFC 4954 4, RFC 9051 6.2.2): 501 / BAD */
};

enum {
	SASL_NAME_MAX = 20,      /* of a mechanism, RFC 4422 3.1                       */
	SASL_FIELD_MAX = 1024,   /* bytes of one of authzid, authcid, password         */
	SASL_NONCE_MAX = 256,    /* bytes of a client's nonce                          */
	SASL_MESSAGE_MAX = 6144, /* bytes of a response before base64; a token is long */
	SASL_LINE_MAX = 8192,    /* the same in base64                                 */
};

/* Requirements of a mechanism. A caller allows a set of them. */
enum sasl_mech_flags {
	SASL_PLAINTEXT = BIT(0),    /* sends the password in clear text */
	SASL_CLIENT_FIRST = BIT(1), /* the client sends the first message */
	SASL_SCRAM = BIT(2),        /* stored SCRAM keys (directory/login/credential.h) */
	SASL_BINDING = BIT(3),      /* channel binding data: s.binding */
	SASL_TOKENS = BIT(4),       /* a verifier of tokens */
	SASL_CERTIFICATE = BIT(5),  /* a client certificate, in TLS */
	SASL_CRAM = BIT(6),         /* stored CRAM-MD5 keys (crypto/cram.h) */
	SASL_ALL = ~0,
};

/* The claim at SASL_DONE, in addition to authcid and authzid. */
enum sasl_claim {
	SASL_CLAIM_PASSWORD,    /* password                                             */
	SASL_CLAIM_PROOF,       /* scram: auth_message, proof                           */
	SASL_CLAIM_TOKEN,       /* token; authcid may be empty: the token names it */
	SASL_CLAIM_CERTIFICATE, /* none: the TLS layer has the certificate */
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

/* State of SCRAM. Strings live in the exchange's arena. */
struct sasl_scram {
	enum scram_hash hash;
	struct str gs2;          /* gs2-header, which the client must repeat */
	struct str first_bare;   /* client-first-message-bare                          */
	struct str nonce;        /* both halves                                        */
	struct str server_first; /* server-first-message                               */
	struct str salt;         /* from sasl_salt */
	uint32_t iterations;
	struct str auth_message; /* RFC 5802 3; at SASL_DONE                           */
	struct str proof;
	uint8_t server_key[SCRAM_BYTES_MAX]; /* from sasl_verified */
};

/* One exchange. All-zero is a valid ended one. */
struct sasl {
	const struct sasl_mech *mech;
	unsigned allowed;   /* the argument of sasl_begin */
	unsigned stage;     /* the mechanism's own                                   */
	bool verified, good;  /* from sasl_verified */
	struct str authzid; /* identity to act as, empty for authcid */
	struct str authcid; /* identity of the credentials */
	struct str password;
	struct str token;
	struct str host; /* OAUTHBEARER: the server's name in the client's message; may be */
	struct str port; /* empty. The token's verifier compares it (RFC 7628 3.2) */
	/* Borrowed, set after sasl_begin when SASL_BINDING is allowed: the data of
	 * tls-server-end-point (RFC 5929 4). */
	struct str binding;
	/* Borrowed, may be set after sasl_begin: the server's host name, for CRAM-MD5. */
	struct str server;
	struct str cram_challenge, cram_digest; /* of CRAM-MD5: crypto/cram.h               */
	/* The server's part of nonces: random, made by sasl_begin. */
	struct str nonce;
	struct sasl_scram *scram; /* NULL without SCRAM */
	struct arena arena;       /* owns all but the binding; wiped at the end              */
};

/* Start; false when sasl_mech_find finds nothing. Follow with sasl_end. */
bool sasl_begin(struct sasl *s, struct str name, unsigned allowed);
/* Wipe and free. Again is a no-op. */
void sasl_end(struct sasl *s);

/* At SASL_SALT: the salt of s->authcid, also for an unknown one. */
void sasl_salt(struct sasl *s, struct str salt, uint32_t iterations);
/* At SASL_DONE: the result of the verification. server_key is ServerKey of the password,
 * scram_bytes long; NULL for other claims. */
void sasl_verified(struct sasl *s, bool good, const uint8_t *server_key);

/* One step. in is the client's response, decoded from base64; NULL at the first step when the
 * command had none (an empty one is different), and after sasl_salt and sasl_verified. out gets the
 * challenge (often empty) to be sent with SASL_CONTINUE. in may be wiped afterwards. */
enum sasl_status sasl_step(struct sasl *s, const struct str *in, struct buf *out);

/* One step in base64. line is the client's line without its end: base64, "*" to cancel, or, only at
 * the first step, "=" for an empty initial response (RFC 4954 4, RFC 4959 3); NULL as above. out
 * gets the challenge in base64, without "334 " or "+ " and line end. Wipes its decoded copy; the
 * caller wipes the line in the connection's buffer. */
enum sasl_status sasl_line(struct sasl *s, const struct str *line, struct buf *out);

#endif
