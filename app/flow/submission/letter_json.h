/* flow/submission/letter_json.h: what POST /api/send takes: a letter in JSON, and what is asked
 * of the way it goes. docs/how-to/send-api.md has the members for those who write one. */
#ifndef SUBMISSION_LETTER_JSON_H
#define SUBMISSION_LETTER_JSON_H
#include "flow/submission/letter.h"
#include "foundation/text/json.h"

struct address;

enum {
	SEND_SUBJECT_MAX = 2000,
	SEND_TAG_MAX = 100,
	SEND_KEY_MAX = 200,       /* Idempotency-Key                              */
	SEND_METADATA_MAX = 4096, /* its JSON                                     */
};

struct send_limits {
	size_t rcpts;       /* most recipients           */
	size_t fields;      /* most further fields       */
	size_t attachments; /* most attachments          */
	uint64_t bytes;     /* of attachments, all       */
};

/* Beside the message itself. Everything that is absent is zero or empty. */
struct send_wishes {
	struct mailaddr envelope_from; /* null: the author's                   */
	struct letter_addresses rcpts; /* of the envelope: none twice; their names are empty */
	int64_t send_at_ms;            /* 0: at once                           */
	int priority;                  /* of RFC 6710                          */
	unsigned notify;               /* enum dsn_notify                      */
	struct str tag;                /* one line of UTF-8                    */
	struct str metadata;           /* an object of strings, as JSON        */
	struct str key;                /* of idempotency                       */
};

/* Read body, whose members have the kinds that the shape "send" of the API asks for; any other
 * counts as absent. Date and Message-ID of the letter are left to the caller. Everything lives in
 * a or is borrowed from the document. ERR_SYNTAX, ERR_LIMIT: why says which member is wrong. */
enum err letter_json_read(struct json body, const struct send_limits *limits, struct arena *a,
                          struct letter *letter, struct send_wishes *wishes,
                          struct why *why) MUST_USE;

/* Add an address to the envelope unless it is there; the list has room for max. ERR_LIMIT. */
enum err send_rcpt_add(struct letter_addresses *rcpts, const struct mailaddr *address, size_t max,
                       struct why *why) MUST_USE;

/* A word of RFC 6710's range for people: low, normal, high. */
bool send_priority_parse(struct str word, int *out);
/* One line of text of 1 to max bytes: a tag, a key. */
bool send_line_check(struct str s, size_t max);

/* "name <user@example.org>" or the address alone, exactly one; its parts live in a. */
bool letter_address_parse(struct str text, struct arena *a, struct letter_address *out);
/* An address of a header in the envelope's form, in a; false: it is none there. */
bool letter_mailaddr(const struct address *item, struct arena *a, struct mailaddr *out);

#endif
