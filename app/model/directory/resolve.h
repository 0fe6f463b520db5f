/* model/directory/resolve.h: the recipients of mail for an address. */
#ifndef DIRECTORY_RESOLVE_H
#define DIRECTORY_RESOLVE_H
#include "formats/message/mailaddr.h"
#include "foundation/config/settings.h"
#include "model/directory/directory.h"

struct resolve_config {
	struct str separators; /* of user+tag: settings' subaddress; empty for off */
	struct str hostname;   /* of the server, for addresses of its reports; empty: none */
	struct str reports_to; /* reports_to.h: valid at every domain; empty: none */
};

static inline struct resolve_config resolve_config(const struct settings *s)
{
	return (struct resolve_config){ .separators = s->subaddress,
		                        .hostname = s->hostname,
		                        .reports_to = s->reports_days != 0 ? s->reports_to
		                                                           : STR_EMPTY };
}

enum resolve_verdict {
	RESOLVE_FOREIGN,  /* the domain is not local */
	RESOLVE_UNKNOWN,  /* the domain is local, the name is unknown */
	RESOLVE_DISABLED, /* only accounts that refuse mail                             */
	RESOLVE_LOOP,     /* aliases form a cycle or are too deep: no target */
	RESOLVE_OK,       /* at least one target */
};

/* A target of mail: a local account, or a remote address. */
struct resolve_target {
	uint32_t account;        /* 0: remote */
	uint64_t quota_bytes;    /* of the account; 0 for none                            */
	uint64_t message_bytes;  /* largest accepted message; 0: no limit */
	struct str detail;       /* tag of user+tag as written, empty when there was none */
	struct mailaddr address; /* the account's primary address, or the remote one */
	struct mailaddr owner;   /* gets bounces of the list through which it was reached; null: no
	                          * list */
	bool hidden;             /* a member of a list with hidden members */
};

/* A target that cannot get the mail, of an alias, list or group with other targets. */
struct resolve_lost {
	struct mailaddr address;
	enum resolve_verdict why; /* RESOLVE_UNKNOWN, RESOLVE_DISABLED */
	bool member;              /* of a list or group: its owner is responsible */
};

/* A list on the way, or a group with mail: model/directory/may_post.h checks who may post to it. */
struct resolve_list {
	struct mailaddr address;
	enum list_post post;
};

struct resolved {
	enum resolve_verdict verdict;
	struct resolve_target *targets; /* without duplicates; empty unless RESOLVE_OK */
	size_t count;
	struct resolve_lost *lost; /* without duplicates */
	size_t lost_count;
	struct resolve_list *lists;
	size_t list_count;
	bool bounces; /* an address by srs.h: only mail from the null sender is accepted */
	bool alias; /* rcpt is not the address of the target itself: through an alias or the
	             * catch-all */
};

/* Follow rcpt through aliases to its targets.
 *
 * In this order: the exact address; user+tag without its tag, the longest name first; the pattern
 * of the domain with the highest rank (pattern.h); if the domain is an alias of another, only the
 * same name there; postmaster, which exists at every local domain and, without domain, at the
 * server (RFC 5321 4.5.1), and is the first owner account by default; the catch-all; for incoming
 * reports (reports_to.h), the postmaster of the domain. A reply to a report of the server itself,
 * to MAILER-DAEMON or postmaster at its host name, is delivered to a postmaster too. A tag passes
 * through an alias or group to local targets without a tag. A group without mail, or without
 * members, is unknown.
 *
 * Everything in out lives in a. An error is the store's (ERR_CORRUPT: a malformed address row),
 * never a verdict. Cost: one look-up per visited address, two per member of a group, at most
 * LIMIT_alias_visits of them. An address by srs.h resolves to its original sender. */
enum err directory_resolve(struct txn *t, struct mailaddr rcpt, const struct resolve_config *config,
                           struct arena *a, struct resolved *out) MUST_USE;

/* Is it a local domain? name in any case. */
enum err directory_is_local(struct txn *t, struct str domain, bool *yes) MUST_USE;

#endif
