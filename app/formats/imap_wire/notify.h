/* formats/imap_wire/notify.h: the grammar of NOTIFY (RFC 5465 8). */
#ifndef IMAP_WIRE_NOTIFY_H
#define IMAP_WIRE_NOTIFY_H
#include "formats/imap_wire/fetch.h"
#include "formats/imap_wire/filter.h"

struct arena;

enum { IMAP_NOTIFY_GROUPS = 32 }; /* of a command: each mailbox is compared with all of them */

enum imap_event {
	EVENT_MESSAGE_NEW = BIT(0),
	EVENT_MESSAGE_EXPUNGE = BIT(1),
	EVENT_FLAG_CHANGE = BIT(2),
	EVENT_MAILBOX_NAME = BIT(3),
	EVENT_SUBSCRIPTION = BIT(4),
	EVENT_METADATA = BIT(5),
	EVENT_SERVER_METADATA = BIT(6),
	EVENT_OTHER = BIT(7), /* AnnotationChange, and unknown events */
	EVENT_ENABLED = BIT(8), /* annotations, by ENABLE METADATA: in no command */
	EVENTS_NOTES = EVENT_METADATA | EVENT_ENABLED,
	EVENTS_ASKED = EVENT_ENABLED - 1, /* those of NOTIFY */
	EVENTS_MESSAGE = EVENT_MESSAGE_NEW | EVENT_MESSAGE_EXPUNGE | EVENT_FLAG_CHANGE,
};

/* The list of a BADEVENT response (5465 3.1). */
#define IMAP_EVENTS                                                          \
	"MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange " \
	"MailboxMetadataChange ServerMetadataChange"

struct imap_notify_group {
	struct imap_filter filter; /* not the selected mailbox           */
	unsigned events;           /* enum imap_event; 0: NONE           */
};

struct imap_notify {
	bool set;    /* not NONE */
	bool status; /* STATUS responses at once */
	unsigned events; /* of all groups; EVENT_OTHER: the command must be refused */
	size_t names;    /* in all filters */
	struct imap_notify_group *groups;
	size_t n;
	struct { /* of the selected mailbox */
		bool given;
		bool delayed; /* report expunges only where EXPUNGE is allowed */
		unsigned events;
		bool has_atts;
		struct imap_fetch atts; /* of new messages; without a set */
	} selected;
};

/* "SET" [SP "STATUS"] SP event-group *(SP event-group) / "NONE". False also: events without others
 * that they require (5465 5), unless one is EVENT_OTHER. */
bool imap_notify_parse(struct cur *c, struct arena *a, bool utf8, struct imap_notify *out);

#endif
