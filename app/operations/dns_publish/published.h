/* operations/dns_publish/published.h: the records that the server has published in DNS:
 * rows of the space PUBLISHED. A row is written before its record, and removed after it.
 * So a record of ours always has a row, whenever the server is killed. A record without a
 * row is not ours. */
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
	PUBLISHED_PENDING,    /* being added or removed: it may exist or not */
	PUBLISHED_THERE,   /* published by us */
	PUBLISHED_FOREIGN, /* a record of others is at the name, and stays; it may be equal */
	PUBLISHED_ABSENT,  /* it could not be published */
	PUBLISHED_STATES,
};

struct published {
	struct str part; /* the domain it is for; empty: the host */
	enum publish_kind kind;
	enum published_state state;
	struct str name;
	const char *type; /* "TXT"; static                                       */
	struct str data;  /* as in struct dns_change                             */
	int64_t tried_ms; /* real clock: the last attempt                        */
	int64_t left_ms;  /* how long an unwanted record stays; -1: it is wanted */
	int64_t there_ms; /* how long it has existed while the server ran        */
	int64_t since_ms; /* real clock: unwanted since then                     */
};

struct published_list {
	struct published *items;
	size_t count;
};

/* Those of a part, in a. */
enum err published_of(struct txn *t, struct str part, struct arena *a,
                      struct published_list *out) MUST_USE;
/* Does a part have records of this kind that are not of others? */
enum err published_has(struct txn *t, struct str part, enum publish_kind kind, bool *has) MUST_USE;
/* Every part with rows, once each, in a. */
enum err published_parts(struct txn *t, struct arena *a, struct str **out, size_t *count) MUST_USE;

enum err published_put(struct txn *t, const struct published *p) MUST_USE;
/* Not an error if there is none. */
enum err published_del(struct txn *t, const struct published *p) MUST_USE;

extern const struct fsck_check publish_fsck;

#endif
