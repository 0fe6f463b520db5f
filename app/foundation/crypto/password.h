/* foundation/crypto/password.h: stored passwords, as Argon2id strings (RFC 9106).
 *
 * A stored password is the self-describing text "$argon2id$v=19$m=..,t=..,p=1$salt$hash".
 * Hashing costs memory on purpose; so that many logins at once cannot exhaust a small
 * machine, only a few run at a time (password_setup) and the rest wait their turn.
 *
 * No function keeps a copy of the password; the caller wipes its own (mem_wipe, or a
 * secret arena). */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;

struct password_cost {
	uint32_t memory_kib; /* 8 or more  */
	uint32_t passes;     /* 1 or more  */
};

/* 19 MiB and 2 passes: the minimum that OWASP recommends. About 20 ms on one core, and affordable
 * on a machine with 256 MB. */
#define PASSWORD_COST_DEFAULT ((struct password_cost){ .memory_kib = 19456, .passes = 2 })

enum {
	PASSWORD_MAX = 1024,         /* bytes; longer ones are refused: ERR_LIMIT     */
	PASSWORD_MEMORY_MAX_KIB = 256 * 1024, /* of a stored hash: it may be imported  */
	PASSWORD_CONCURRENT_MAX = 2, /* hashes at once until password_setup           */
};

/* Before the first login, if the defaults are to be changed.
 * usual       what most stored hashes cost: the price of an unknown account (see verify).
 * concurrent  hashes that may run at the same time, 1 or more; each takes its memory. */
void password_setup(struct password_cost usual, unsigned concurrent);
/* The cost that was set: PASSWORD_COST_DEFAULT before password_setup. */
struct password_cost password_usual(void);

/* Hash with a new random salt. *out lives in a and is ASCII without blanks.
 * ERR_LIMIT: longer than PASSWORD_MAX. ERR_RETRY: the memory is not available now. Blocks while the
 * maximum of hashes runs, then for the time of the cost. */
enum err password_hash(struct str password, struct password_cost cost, struct arena *a,
                       struct str *out, struct why *why) MUST_USE;

/* Is this the password of the stored hash? Constant time in the contents of both. A hash that is
 * empty or malformed matches nothing but takes the usual time, so that time does not reveal whether
 * an account exists: call it with STR_EMPTY for unknown accounts. A hash that asks for more than
 * PASSWORD_MEMORY_MAX_KIB counts as malformed. Blocks as password_hash does. */
bool password_verify(struct str hash, struct str password);

/* Was the hash made with another cost or form? Then the next successful login should store a new
 * one. Cheap. */
bool password_stale(struct str hash, struct password_cost cost);

#endif
