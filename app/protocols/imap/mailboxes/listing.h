/* protocols/imap/mailboxes/listing.h: all names that LIST and LSUB may tell: one's own mailboxes
 * and subscriptions, those of others that one may look up, and what lies above them. Private to
 * cmd_list.c and cmd_lsub.c. */
#ifndef IMAP_LISTING_H
#define IMAP_LISTING_H
#include "model/mailbox/mailbox.h"
#include "protocols/imap/mailboxes/status.h"
#include "protocols/imap/session.h"

struct entry {
	struct str name;
	const struct mailbox *box; /* NULL: there is none of that name                        */
	uint32_t owner;            /* whose it is: an account or group                        */
	unsigned rights;           /* enum right, of who has logged in                        */
	bool foreign;              /* in others' mail                                         */
	bool above;                /* no name of a mailbox, but mailboxes of others lie below */
	bool has_children;
	bool subscribed;
	bool matches; /* a pattern */
	bool level;   /* one that ends in "%"                                                 */
	struct status_counts counts; /* for LIST-STATUS */
};

struct listing {
	struct imap *s;
	struct arena *arena;
	const struct imap_list *what;
	struct entry *entries; /* sorted by name */
	size_t n, room;
	int64_t pause_ms;  /* when the slice ends                          */
	size_t matched;    /* so many have been, then they are told        */
	size_t next;       /* to be told                                   */
	struct str before; /* the name before that one whose parents may have been told */
};

/* Read all names, then have answer tell those that are asked for. */
enum done listing_begin(struct imap *s, const struct imap_list *what,
                        enum done (*answer)(struct imap *s));
/* Read them into l, a struct listing with s, arena and what: a transaction's function over one's
 * own mail. */
enum err listing_read(const struct mail_txn *m, void *l) MUST_USE;
/* Begin a slice: match the patterns. False: that takes all of it. */
bool listing_match(struct listing *l);
/* Others want their turn, or the client has enough to read. */
bool listing_pauses(const struct listing *l);

/* NULL when name is none. */
const struct entry *listing_find(const struct listing *l, struct str name);
/* Does name match a pattern? */
bool listing_matches(const struct imap_list *what, struct str name);
bool listing_below(struct str name, struct str parent);

/* LIST "" "" asks for the delimiter and the root (RFC 9051 6.3.9). */
bool listing_asks_delimiter(const struct imap_list *what);
/* All attributes of a name, behind "(" and what is there already. */
void listing_attributes_put(struct buf *out, const struct imap_list *what, const struct entry *x);
/* The end of the attributes, the delimiter and the name. */
void listing_name_put(struct imap *s, struct str name);

#endif
