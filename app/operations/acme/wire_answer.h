/* operations/acme/wire_answer.h: responses of a certification authority (RFC 8555 7.1):
 * untrusted JSON, checked here. All results live in the arena given. */
#ifndef ACME_WIRE_ANSWER_H
#define ACME_WIRE_ANSWER_H
#include "foundation/base/err.h"
#include "foundation/text/json.h"

enum {
	ANSWER_URL_MAX = 2048,
	ANSWER_TOKEN_MAX = 256,
	ANSWER_NAMES_MAX = 100,     /* authorizations of an order               */
	ANSWER_CHALLENGES_MAX = 16, /* of an authorization, the rest is skipped */
};

/* RFC 8555 7.1.6. ANSWER_OTHER is an unknown word. */
enum answer_status {
	ANSWER_OTHER,
	ANSWER_PENDING,
	ANSWER_READY,
	ANSWER_PROCESSING,
	ANSWER_VALID,
	ANSWER_INVALID,
};

/* RFC 8555 7.1.1 */
struct answer_directory {
	struct str new_nonce, new_account, new_order;
	struct str revoke, key_change; /* empty: not offered               */
	struct str renewal_info;       /* RFC 9773 4.1; empty: not offered */
	struct str terms;              /* URL for a person, may be empty   */
	bool eab_required;
};

/* RFC 8555 7.1.3 */
struct answer_order {
	enum answer_status status;
	struct str *authorizations; /* URLs */
	size_t count;
	struct str finalize, certificate; /* URLs; certificate is empty before ANSWER_VALID */
	struct str problem;               /* in words, may be empty */
};

struct answer_challenge {
	struct str type, url, token; /* token: base64url characters only (RFC 8555 8.1) */
	enum answer_status status;
	struct str problem;
};

/* RFC 8555 7.1.4 */
struct answer_authorization {
	enum answer_status status;
	struct str name; /* lower case; without "*." where wildcard */
	bool wildcard;
	struct answer_challenge *challenges; /* those of a known form */
	size_t count;
};

/* Each returns false if a required member is missing or malformed. */
bool answer_directory(struct json v, struct arena *a, struct answer_directory *out);
bool answer_order(struct json v, struct arena *a, struct answer_order *out);
bool answer_authorization(struct json v, struct arena *a, struct answer_authorization *out);

struct answer_problem {
	struct str type;     /* without "urn:ietf:params:acme:error:", "" if it has none */
	struct str sentence; /* the CA's words for people: detail and subproblems, printable */
};
/* RFC 7807, RFC 8555 6.7.1. Never fails: missing members are empty. */
void answer_problem(struct json v, struct arena *a, struct answer_problem *out);

/* RFC 9773 4.2: when to renew a certificate. Real clock. */
struct answer_window {
	int64_t from_ms, to_ms;
};
/* False also if the end is not after the beginning. */
bool answer_window(struct json v, struct answer_window *out);

/* An https URL without blanks and control characters, of at most ANSWER_URL_MAX bytes. */
bool answer_url(struct str s);

/* Retry-After as a number of seconds (RFC 9110 10.2.3), in ms and at most max_ms; 0 when the
 * field is empty or a date. */
int64_t answer_retry_after_ms(struct str field, int64_t max_ms);

#endif
