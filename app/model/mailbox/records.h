/* model/mailbox/records.h: reading and writing mailbox/'s rows. Private to the folder; the first
 * number of every record is the version of its form (foundation/base/pack.h).
 *
 * get returns ERR_MISSING for a missing row, without a why, and ERR_CORRUPT for a malformed one.
 * unpack returns false for that. */
#ifndef MAILBOX_RECORDS_H
#define MAILBOX_RECORDS_H
#include "foundation/base/cur.h"
#include "model/mailbox/changes.h"
#include "model/mailbox/email.h"
#include "model/mailbox/mail.h"
#include "model/mailbox/mailbox.h"

struct buf;

/* One row per account: every write of the account updates it. */
struct account_state {
	uint64_t modseq;
	uint64_t changes_floor; /* changes up to this one were removed */
	uint64_t email_next;
	uint64_t emails;
	uint64_t used_bytes;
	uint32_t mailbox_next;
	uint32_t mailboxes;
	uint32_t uidvalidity_last;
	uint32_t subscriptions; /* to names without a mailbox       */
	uint64_t placements;
	/* Modseqs of the last change, by type: changed.h. */
	uint64_t email_modseq;
	uint64_t thread_modseq;    /* emails came to be, ceased to be, or \Deleted changed */
	uint64_t placement_modseq; /* emails came into mailboxes or left them, likewise */
	uint64_t mailbox_modseq;
	uint64_t rights_modseq; /* access of others: acl.h, groups */
	uint64_t log_modseq;    /* of the upgrade: earlier changes have no thread */
	bool old; /* the form: has no fields from placements on, mail_upgrade has to run */
};
bool state_unpack(struct str record, struct account_state *out);
enum err state_get(const struct mail_txn *m, struct account_state *out) MUST_USE;
enum err state_put(const struct mail_txn *m, const struct account_state *s) MUST_USE;

/* id is not in the record. */
bool mailbox_unpack(struct str record, struct mailbox *out);
enum err mailbox_put(const struct mail_txn *m, const struct mailbox *box) MUST_USE;
/* The mailbox of that name below parent. */
enum err mailbox_child(const struct mail_txn *m, uint32_t parent, struct str leaf,
                       uint32_t *id) MUST_USE;

/* uid is not in the record. */
bool email_row_unpack(struct str record, struct email_row *out);
enum err email_row_put(const struct mail_txn *m, uint32_t mailbox,
                       const struct email_row *row) MUST_USE;

/* A compressed description is copied unchanged. */
void email_pack(struct buf *out, const struct email *e);
/* Without envelope and preview if they are compressed. */
bool email_unpack(struct str record, struct email *out);
/* Envelope and preview, uncompressed. */
void description_pack(struct buf *out, const struct email *e);
bool description_unpack(struct str description, struct email *out);

/* A change row: one kind of change of one mailbox, with runs; of CHANGE_SEEN also who. */
struct change_run {
	uint32_t uid, count;
	uint64_t email;
};
struct change_runs { /* packed */
	struct cur c;
	bool threads;
};
/* below: of each row of CHANGE_VANISHED, its email minus its thread; unused otherwise. */
void change_pack(struct buf *out, const struct change *what, const struct change_run *runs,
                 size_t n, const uint64_t *below);
/* Fills in kind, mailbox, who and shown; rest is then at the runs. */
bool change_unpack(struct str record, struct change *out, struct change_runs *rest);
/* The next run into uid, count, email and threads; false at the end or when it is malformed; then
 * rest->c is not done. */
bool change_run_unpack(struct change_runs *rest, struct change *out);

#endif
