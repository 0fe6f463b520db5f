/* console/api/access/ticket.h: what proves to be somebody without a password: the id of a session,
 * a token.
 *
 * 256 random bits behind the account's number, so that all of an account's lie together in the
 * store and are found without a search. The store keeps a hash of the bits only: who reads it,
 * or a backup of it, cannot act as anybody. A hash is looked up by its bytes, so its time tells
 * nothing about the bits it was made of. */
#ifndef API_TICKET_H
#define API_TICKET_H
#include "foundation/base/str.h"

struct arena;

enum { TICKET_RANDOM_BYTES = 32, TICKET_KEY_BYTES = 4 + 32 };

struct ticket {
	uint32_t account;
	uint8_t random[TICKET_RANDOM_BYTES];
};

struct ticket_key {
	char bytes[TICKET_KEY_BYTES];
};

struct ticket ticket_new(uint32_t account);
/* As a cookie or token carries it: letters, digits, "-" and "_"; in a. */
struct str ticket_text(const struct ticket *t, struct arena *a);
/* False: it is not of that form. */
bool ticket_parse(struct str text, struct ticket *out);

/* Under which the store has it. */
struct ticket_key ticket_key(const struct ticket *t);
struct str ticket_key_str(const struct ticket_key *key); /* borrowed from key */
/* The account of the key; false: the key is invalid. */
bool ticket_key_parse(struct str key, uint32_t *account);

/* Text that only who has the ticket can know, and that is not the ticket; in a. */
struct str ticket_companion(const struct ticket *t, struct arena *a);

#endif
