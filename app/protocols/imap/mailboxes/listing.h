/* protocols/imap/mailboxes/listing.h: all names for LIST and LSUB: the user's mailboxes
 * and subscriptions, mailboxes of other users that the user may look up, and their
 * parents. Private to cmd_list.c and cmd_lsub.c. */
#ifndef IMAP_LISTING_H
#define IMAP_LISTING_H
#include "model/mailbox/mailbox.h"
#include "protocols/imap/mailboxes/status.h"
#include "protocols/imap/session.h"

struct entry {
	struct str name;
	const struct mailbox *box; /* NULL: no such mailbox exists        */
	uint32_t owner;            /* account or group that owns it       */
	unsigned rights;           /* enum right of the user              */
	bool foreign;              /* in another user's or a group's mail */
	bool above;                /* not a mailbox itself, but a parent of other users'
	                            * mailboxes */
	bool has_children;
	bool subscribed;
	bool matches; /* a pattern                     */
	bool level;   /* of a pattern that ends in "%" */
	struct status_counts counts; /* for LIST-STATUS */
};

struct listing {
	struct imap *s;
	struct arena *arena;
	const struct imap_list *what;
	struct entry *entries; /* sorted by name */
	size_t n, room;
	int64_t pause_ms;  /* when the slice ends                                  */
	size_t matched;    /* so many entries are matched; then they are sent      */
	size_t next;       /* to be sent                                           */
	struct str before; /* the preceding name, whose parents may have been sent */
};

/* Read all names, then let answer send those that match. */
enum done listing_begin(struct imap *s, const struct imap_list *what,
                        enum done (*answer)(struct imap *s));
/* Read the names into l, a struct listing with s, arena and what. A transaction function
 * over the user's own mail. */
enum err listing_read(const struct mail_txn *m, void *l) MUST_USE;
/* Begin a slice: match the patterns. False: the slice's time is used up. */
bool listing_match(struct listing *l);
/* Must the slice end, because its time is up or the output is full? */
bool listing_pauses(const struct listing *l);

/* NULL if name is not listed. */
const struct entry *listing_find(const struct listing *l, struct str name);
/* Does name match a pattern? */
bool listing_matches(const struct imap_list *what, struct str name);
bool listing_below(struct str name, struct str parent);

/* LIST "" "" requests the delimiter and the root (RFC 9051 6.3.9). */
bool listing_asks_delimiter(const struct imap_list *what);
/* Append all attributes of a name after "(" and the attributes already there. */
void listing_attributes_put(struct buf *out, const struct imap_list *what, const struct entry *x);
/* Append the end of the attributes, the delimiter and the name. */
void listing_name_put(struct imap *s, struct str name);

#endif
