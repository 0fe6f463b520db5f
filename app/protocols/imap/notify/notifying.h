/* protocols/imap/notify/notifying.h: what a session that uses NOTIFY keeps. Private to notify*.c
 * and cmd_notify.c.
 *
 *	notify.c        accounts that are watched
 *	notify_boxes.c  the list of mailboxes
 *	notify_catch.c  what happened to them
 *	notify_notes.c  annotations
 *	notify_tell.c   the responses */
#ifndef IMAP_NOTIFYING_H
#define IMAP_NOTIFYING_H
#include <stdatomic.h>
#include "formats/imap_wire/notify.h"
#include "foundation/base/arena.h"
#include "model/mailbox/uids.h"
#include "model/mailbox/watch.h"
#include "protocols/imap/mailboxes/listing.h"
#include "protocols/imap/notify/notify.h"

struct fetching;

/* --- annotations, as the client knows them ---------------------------------------------- */

struct notify_note {
	struct str name; /* malloced                   */
	uint64_t hash;   /* of the value               */
	bool changed;    /* to be told                 */
	bool gone;       /* to be told, then forgotten */
};
struct notify_notes {
	struct notify_note *items;
	size_t n, cap;
};
void notify_notes_deinit(struct notify_notes *n);
/* All there are now. tell: differences are to be told; true: there are some. */
bool notify_notes_update(struct notify_notes *n, const struct metadata *now, bool tell);
/* Some were set, which the client knows. */
void notify_notes_set(struct notify_notes *n, const struct metadata_entry *entries, size_t count);
/* " name name ..." of those that are to be told, which then are. */
void notify_notes_put(struct notify_notes *n, struct buf *out);

/* --- mailboxes -------------------------------------------------------------------------- */

enum { /* what is to be told of a mailbox */
       TELL_LIST = BIT(0),     /* LIST; the box says whether it is gone, or renamed      */
       TELL_NOACCESS = BIT(1), /* the same, with \NoAccess                               */
       TELL_COUNTS = BIT(2),   /* STATUS: messages came or went                          */
       TELL_FLAGS = BIT(3),    /* STATUS, if the client sees a difference                */
       TELL_FIRST = BIT(4),    /* STATUS: also UIDVALIDITY                               */
       TELL_NOTES = BIT(5),    /* METADATA                                               */
       TELL_STATUS = TELL_COUNTS | TELL_FLAGS | TELL_FIRST,
};

struct notify_box {
	uint32_t owner, id, parent;
	struct str name;   /* malloced                                                  */
	struct str old;    /* malloced; what the client calls it, if it was renamed     */
	unsigned events;   /* enum imap_event that are asked for                        */
	unsigned tell;     /* TELL_...                                                  */
	uint32_t unseen;   /* as last told                                              */
	enum mailbox_role role;
	bool foreign, children, subscribed, readable;
	bool gone;         /* until that was told                                       */
	bool lost;         /* it may not be looked up, and was told as \NoAccess          */
	bool met;          /* in the list that is being compared                        */
	bool noted;        /* notes were read                                           */
	struct notify_notes notes; /* with EVENT_METADATA                               */
};

/* --- accounts --------------------------------------------------------------------------- */

enum { /* what a committing thread has told */
       CHANGED_LOG = BIT(0),   /* there is something in the change log   */
       CHANGED_NAMES = BIT(1), /* subscriptions, which have no log       */
       CHANGED_NOTES = BIT(2), /* annotations, likewise                  */
       CHANGED_ALL = BIT(3) - 1,
};
enum { NOTED_ALL = UINT32_MAX };

struct notify_account {
	uint32_t id; /* 0: the server */
	struct watch *watch;
	struct waker waker;
	atomic_uint changed; /* CHANGED_...                                                 */
	atomic_uint noted;   /* the mailbox with CHANGED_NOTES, NOTED_ALL; 0: none          */
	uint64_t modseq;     /* up to here its changes are in the list                      */
	/* While the log is read: mailboxes, not messages in them, that changed. */
	struct imap_seq own, others;
};

struct notify {
	bool asked;         /* for NOTIFY, not only for ENABLE METADATA */
	struct arena arena; /* of what is asked for */
	struct imap_notify what;
	struct notify_account **accounts; /* the user's own is the first; none: nobody is watched */
	size_t account_n;
	struct notify_box *boxes; /* by owner and id */
	size_t n, cap;
	bool marked;                /* something in boxes or server is to be told            */
	size_t next;                /* the box to be told next                               */
	bool talking;               /* imap_notify_talking                                   */
	struct notify_notes server; /* with EVENT_SERVER_METADATA                            */
	bool server_tell;
	struct uids came;          /* of the selected mailbox, to be fetched for the client   */
	struct fetching *fetching; /* that is being done                                      */
	struct arena atts;         /* what it fetches                                         */
};

/* NULL is a no-op; clears *n. */
void notify_free(struct notify **n);
/* Watch another account; no-op when it is. Of what happened before nothing is known yet. */
void notify_watch(struct imap *s, uint32_t account);
struct notify_account *notify_account(const struct notify *n, uint32_t account);

/* Read what happened into the marks. first: there is no list yet, and nothing is marked.
 * ERR_LIMIT: there are too many mailboxes; ERR_CONFLICT: nobody knows any more what happened. */
enum err notify_catch_up(struct imap *s, bool first) MUST_USE;
void notify_boxes_deinit(struct notify *n);
/* Mark all mailboxes whose state the client wants to begin with. */
void notify_mark_status(struct imap *s);

/* Tell what is marked. */
enum told notify_tell_marked(struct imap *s);

/* Is it the mailbox that is selected? Its messages are sync.h's business. */
bool notify_is_selected(const struct imap *s, const struct notify_box *box);

#endif
