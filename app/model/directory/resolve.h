/* model/directory/resolve.h: where mail for an address ends up. */
#ifndef DIRECTORY_RESOLVE_H
#define DIRECTORY_RESOLVE_H
#include "formats/message/mailaddr.h"
#include "foundation/config/settings.h"
#include "model/directory/directory.h"

struct resolve_config {
	struct str separators; /* of user+tag: settings' subaddress; empty for off */
	struct str hostname;   /* of the server, in whose name reports are; empty: none */
	struct str reports_to; /* reports_to.h: they exist at every domain; empty: none */
};

static inline struct resolve_config resolve_config(const struct settings *s)
{
	return (struct resolve_config){ .separators = s->subaddress,
		                        .hostname = s->hostname,
		                        .reports_to = s->reports_days != 0 ? s->reports_to
		                                                           : STR_EMPTY };
}

enum resolve_verdict {
	RESOLVE_FOREIGN,  /* the domain is not ours                                     */
	RESOLVE_UNKNOWN,  /* ours, but nobody there has that name                       */
	RESOLVE_DISABLED, /* only accounts that refuse mail                             */
	RESOLVE_LOOP,     /* aliases lead in a circle or too deep: nothing is reached   */
	RESOLVE_OK,       /* one target or more                                         */
};

/* One place mail goes to: an account here, or an address elsewhere. */
struct resolve_target {
	uint32_t account;        /* 0: elsewhere                                          */
	uint64_t quota_bytes;    /* of the account; 0 for none                            */
	uint64_t message_bytes;  /* largest message it takes; 0: any                      */
	struct str detail;       /* tag of user+tag as written, empty when there was none */
	struct mailaddr address; /* the account's primary address, or the one elsewhere   */
	struct mailaddr owner;   /* who gets bounces of the list it was reached through;
	                          * null: of none                                         */
	bool hidden;             /* a member of a list whose members nobody is told        */
};

/* Who was to get it as well, and cannot: behind an alias, list or group that reaches others. */
struct resolve_lost {
	struct mailaddr address;
	enum resolve_verdict why; /* RESOLVE_UNKNOWN, RESOLVE_DISABLED */
	bool member;              /* of a list or group: that is its owner's business */
};

/* A list that was passed on the way, or a group, which takes mail as one does:
 * model/directory/may_post.h asks who may write to it. */
struct resolve_list {
	struct mailaddr address;
	enum list_post post;
};

struct resolved {
	enum resolve_verdict verdict;
	struct resolve_target *targets; /* none twice; empty unless RESOLVE_OK */
	size_t count;
	struct resolve_lost *lost; /* none twice */
	size_t lost_count;
	struct resolve_list *lists;
	size_t list_count;
	bool bounces; /* an address that srs.h made: only mail from the null sender comes here */
	bool alias; /* rcpt is not itself the address of the target: through an alias or
	             * the catch-all */
};

/* Follow rcpt through aliases to its targets.
 *
 * An exact address wins; then user+tag without its tag, the longest name first; then the pattern
 * of the domain that fits best (pattern.h); then, where the domain is an alias of
 * another, the same name there, and nothing else; then postmaster, who exists at
 * every domain of ours and, without domain, at the server (RFC 5321 4.5.1), and who is the
 * first owner account when nobody else has that name; then the catch-all; then, for reports of
 * others (reports_to.h), the postmaster of the domain. Who answers a report
 * of the server itself, from MAILER-DAEMON or postmaster at its host name, reaches a postmaster
 * too. A tag goes on through an alias or group to local targets that have none of their own. A
 * group that takes no mail, or has no members, is unknown.
 *
 * Everything in out lives in a. An error is the store's (ERR_CORRUPT: an address row that
 * cannot be read), never a verdict. Cost: one look-up per address passed, two per
 * member of a group, at most LIMIT_alias_visits of them.
 * A name that srs.h made leads to the sender it was made of. */
enum err directory_resolve(struct txn *t, struct mailaddr rcpt, const struct resolve_config *config,
                           struct arena *a, struct resolved *out) MUST_USE;

/* Is it one of our domains? name in any case. */
enum err directory_is_local(struct txn *t, struct str domain, bool *yes) MUST_USE;

#endif
