/* protocols/imap/notify/notifying.h: the state of a session that uses NOTIFY. Private to
 * notify*.c and cmd_notify.c.
 *
 *	notify.c        accounts that are watched
 *	notify_boxes.c  the list of mailboxes
 *	notify_catch.c  changes read from the logs
 *	notify_notes.c  annotations
 *	notify_send.c   the responses */
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

/* --- annotations, as last reported to the client ------------------------------------ */

struct notify_note {
	struct str name; /* malloced                     */
	uint64_t hash;   /* of the value                 */
	bool changed;    /* to be reported               */
	bool gone;       /* to be reported, then removed */
};
struct notify_notes {
	struct notify_note *items;
	size_t n, cap;
};
void notify_notes_deinit(struct notify_notes *n);
/* Compare with the current annotations. tell: mark differences to be reported. True: some
 * are marked. */
bool notify_notes_update(struct notify_notes *n, const struct metadata *now, bool tell);
/* The client has set these itself. */
void notify_notes_set(struct notify_notes *n, const struct metadata_entry *entries, size_t count);
/* Append " name name ..." of the marked ones and unmark them. */
void notify_notes_put(struct notify_notes *n, struct buf *out);

/* --- mailboxes -------------------------------------------------------------------------- */

enum { /* pending responses of a mailbox */
       TELL_LIST = BIT(0),     /* LIST; gone and old say whether it was deleted or
                                * renamed */
       TELL_NOACCESS = BIT(1), /* the same, with \NoAccess                */
       TELL_COUNTS = BIT(2),   /* STATUS: messages were added or removed  */
       TELL_FLAGS = BIT(3),    /* STATUS, if the client sees a difference */
       TELL_FIRST = BIT(4),    /* STATUS: also UIDVALIDITY                */
       TELL_NOTES = BIT(5),    /* METADATA                                */
       TELL_STATUS = TELL_COUNTS | TELL_FLAGS | TELL_FIRST,
};

struct notify_box {
	uint32_t owner, id, parent;
	struct str name;   /* malloced                                                  */
	struct str old;    /* malloced; the name known to the client, if it was renamed */
	unsigned events;   /* enum imap_event that are requested                        */
	unsigned tell;     /* TELL_...                                                  */
	uint32_t unseen;   /* as last reported                                          */
	enum mailbox_role role;
	bool foreign, children, subscribed, readable;
	bool gone;         /* deleted; the box is freed once that is reported   */
	bool lost;         /* may no longer be looked up; reported as \NoAccess */
	bool met;          /* found in the list that is being compared          */
	bool noted;        /* notes were read                                   */
	struct notify_notes notes; /* with EVENT_METADATA                               */
};

/* --- accounts --------------------------------------------------------------------------- */

enum { /* kinds of changes, set by a committing thread */
       CHANGED_LOG = BIT(0),   /* the change log has new entries      */
       CHANGED_NAMES = BIT(1), /* subscriptions, which are not logged */
       CHANGED_NOTES = BIT(2), /* annotations, which are not logged   */
       CHANGED_ALL = BIT(3) - 1,
};
enum { NOTED_ALL = UINT32_MAX };

struct notify_account {
	uint32_t id; /* 0: the server */
	struct watch *watch;
	struct waker waker;
	atomic_uint changed; /* CHANGED_...                                        */
	atomic_uint noted;   /* the mailbox with CHANGED_NOTES, NOTED_ALL; 0: none */
	uint64_t modseq;     /* changes up to here are in the list                 */
	/* While the log is read: changed mailboxes, without their messages. */
	struct imap_seq own, others;
};

struct notify {
	bool asked;         /* by NOTIFY, not only by ENABLE METADATA */
	struct arena arena; /* of what */
	struct imap_notify what;
	struct notify_account **accounts; /* the user's own is the first; none: nothing is
	                                   * watched */
	size_t account_n;
	struct notify_box *boxes; /* by owner and id */
	size_t n, cap;
	bool marked;                /* something in boxes or server is pending */
	size_t next;                /* index of the box to report next         */
	bool talking;               /* imap_notify_talking                     */
	struct notify_notes server; /* with EVENT_SERVER_METADATA              */
	bool server_tell;
	struct uids came;          /* of the selected mailbox, to be fetched for the client */
	struct fetching *fetching; /* the running fetch                                     */
	struct arena atts;         /* the attributes it fetches                             */
};

/* NULL is a no-op; clears *n. */
void notify_free(struct notify **n);
/* Watch another account; no-op if it is watched. Earlier changes are not recorded. */
void notify_watch(struct imap *s, uint32_t account);
struct notify_account *notify_account(const struct notify *n, uint32_t account);

/* Read the changes and mark them. first: create the list without marks. ERR_LIMIT: too
 * many mailboxes; ERR_CONFLICT: the changes can no longer be determined. */
enum err notify_catch_up(struct imap *s, bool first) MUST_USE;
void notify_boxes_deinit(struct notify *n);
/* Mark all mailboxes whose initial status the client has requested. */
void notify_mark_status(struct imap *s);

/* Write the marked responses. */
enum written notify_tell_marked(struct imap *s);

/* Is it the selected mailbox? sync.h reports its messages. */
bool notify_is_selected(const struct imap *s, const struct notify_box *box);

#endif
