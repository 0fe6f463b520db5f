/* operations/dns_publish/published.h: what the server put into DNS by itself: rows of the space
 * PUBLISHED.
 *
 * A row is written before the record is, and forgotten after it has gone: so a record of ours is
 * never there without its row, whenever the server is killed, and what has no row is somebody
 * else's. */
#ifndef DNS_PUBLISH_PUBLISHED_H
#define DNS_PUBLISH_PUBLISHED_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct fsck_check;
struct txn;

enum publish_kind {
	PUBLISH_DKIM,
	PUBLISH_MTA_STS,
	PUBLISH_TLS_RPT,
	PUBLISH_DMARC,
	PUBLISH_TLSA,
	PUBLISH_KINDS,
	PUBLISH_NONE = PUBLISH_KINDS,
};
/* "dkim" */
const char *publish_kind_name(enum publish_kind k);

enum published_state {
	PUBLISHED_WISH,    /* on its way, or on its way out: it may be there, or not */
	PUBLISHED_THERE,   /* we put it there                                 */
	PUBLISHED_FOREIGN, /* what others put there is at the name, and stays; it may be the same */
	PUBLISHED_ABSENT,  /* it is not there: it could not be put there                          */
	PUBLISHED_STATES,
};

struct published {
	struct str part; /* the domain it is for; empty: the host */
	enum publish_kind kind;
	enum published_state state;
	struct str name;
	const char *type; /* "TXT"; static */
	struct str data;  /* as in struct dns_change */
	int64_t tried_ms; /* by the real clock: when something was last done about it */
	int64_t left_ms;  /* not wanted any more: how long it stays; -1: it is wanted */
	int64_t there_ms; /* for how long it has been there while the server ran      */
	int64_t since_ms; /* by the real clock: since when it has not been wanted     */
};

struct published_list {
	struct published *items;
	size_t count;
};

/* Those of a part, in a. */
enum err published_of(struct txn *t, struct str part, struct arena *a,
                      struct published_list *out) MUST_USE;
/* Are there any of a part, of this kind, which others did not put there? */
enum err published_has(struct txn *t, struct str part, enum publish_kind kind, bool *has) MUST_USE;
/* Every part that has some, once each, in a. */
enum err published_parts(struct txn *t, struct arena *a, struct str **out, size_t *count) MUST_USE;

enum err published_put(struct txn *t, const struct published *p) MUST_USE;
/* There may be none. */
enum err published_del(struct txn *t, const struct published *p) MUST_USE;

extern const struct fsck_check publish_fsck;

#endif
