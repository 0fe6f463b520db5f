/* model/mailbox/flags.h: a set of IMAP flags and keywords, 128 bits by value.
 *
 * A flag is a small number. Numbers below FLAG_CUSTOM mean the same for every account and are part
 * of the store's format; the others are assigned per account (keywords.h). */
#ifndef MAILBOX_FLAGS_H
#define MAILBOX_FLAGS_H
#include "foundation/base/str.h"

enum flag {
	FLAG_SEEN, /* system flags: RFC 9051 2.3.2 */
	FLAG_ANSWERED,
	FLAG_FLAGGED,
	FLAG_DELETED,
	FLAG_DRAFT,
	FLAG_FORWARDED = 8, /* registered keywords, "$Forwarded": RFC 9051 2.3.2, IANA */
	FLAG_MDN_SENT,
	FLAG_JUNK,
	FLAG_NOT_JUNK,
	FLAG_PHISHING,
	FLAG_SUBMIT_PENDING, /* RFC 5550 5.10 */
	FLAG_SUBMITTED,
	FLAG_IMPORTANT, /* RFC 8457 2 */
	FLAG_HAS_ATTACHMENT,
	FLAG_HAS_NO_ATTACHMENT,
	FLAG_CUSTOM = 24, /* the first one assigned by an account */
	FLAG_MAX = 128,
};

struct flags {
	uint64_t bits[2];
};

/* struct flags f = FLAGS(BIT64(FLAG_SEEN) | BIT64(FLAG_JUNK)); all-zero is the empty set. */
#define BIT64(n) ((uint64_t)1 << (n))
#define FLAGS(low) ((struct flags){ { (low), 0 } })

static inline bool flags_has(struct flags f, unsigned id)
{
	return id < FLAG_MAX && (f.bits[id / 64] >> (id % 64) & 1);
}
static inline struct flags flags_with(struct flags f, unsigned id)
{
	assert(id < FLAG_MAX);
	f.bits[id / 64] |= BIT64(id % 64);
	return f;
}
static inline struct flags flags_or(struct flags a, struct flags b)
{
	return (struct flags){ { a.bits[0] | b.bits[0], a.bits[1] | b.bits[1] } };
}
static inline struct flags flags_and(struct flags a, struct flags b)
{
	return (struct flags){ { a.bits[0] & b.bits[0], a.bits[1] & b.bits[1] } };
}
/* a without the members of b. */
static inline struct flags flags_minus(struct flags a, struct flags b)
{
	return (struct flags){ { a.bits[0] & ~b.bits[0], a.bits[1] & ~b.bits[1] } };
}
/* The least member from id on; FLAG_MAX: there is none. */
static inline unsigned flags_next(struct flags f, unsigned id)
{
	for (; id < FLAG_MAX; id = (id / 64 + 1) * 64) {
		uint64_t rest = f.bits[id / 64] >> id % 64;

		if (rest)
			return id + (unsigned)__builtin_ctzll(rest);
	}
	return FLAG_MAX;
}
static inline bool flags_eq(struct flags a, struct flags b)
{
	return a.bits[0] == b.bits[0] && a.bits[1] == b.bits[1];
}
static inline bool flags_empty(struct flags f)
{
	return (f.bits[0] | f.bits[1]) == 0;
}

/* IMAP's name of a flag below FLAG_CUSTOM: "\Seen", "$Junk"; empty for an unused number.
 * Static storage. */
struct str flag_name(unsigned id);
/* Its number by IMAP name in any case; -1 when it is not one of them. */
int flag_find(struct str name);

#endif
