/* model/mailbox/email.h: emails, and their rows in mailboxes.
 *
 * An email is the immutable part: the blob, dates, envelope, structure. A row places it in a
 * mailbox under a UID, with its flags. The row repeats values that clients fetch of whole
 * mailboxes (size, internal date), so that such a FETCH is one scan; and it alone has the thread
 * (thread.h).
 *
 * An email has one or more rows: its placements (placement.h). COPY within an account adds one,
 * MOVE replaces one. In another account a copy is a new email that shares the blob. */
#ifndef MAILBOX_EMAIL_H
#define MAILBOX_EMAIL_H
#include "model/mailbox/flags.h"
#include "model/mailbox/mail.h"
#include "model/mailbox/own_seen.h"
#include "model/mailbox/uids.h"
#include "model/store/blob.h"

struct email_new;

struct email {
	struct blob_id blob;
	uint32_t size_bytes;
	uint32_t header_bytes; /* with the empty line                                  */
	uint32_t body_lines;
	int64_t internal_ms;  /* time of arrival */
	int64_t sent_ms;      /* its Date field; internal_ms when that is malformed */
	struct str structure; /* structure_unpack                                     */
	struct str packed;    /* envelope and preview; empty in an old record */
	struct str old_thread; /* of a record before threads had numbers: a hash. For upgrade.c */
	/* After email_get these are empty until email_describe: */
	struct str envelope; /* envelope_unpack                                       */
	struct str preview;  /* UTF-8, at most PREVIEW_CHARS characters               */
};

struct email_row {
	uint32_t uid;
	uint64_t email;
	uint64_t thread; /* its id; 0 in a damaged row */
	uint64_t modseq; /* of the last change to the row */
	struct flags flags;
	uint32_t size_bytes;
	int64_t internal_ms;
	int64_t saved_s; /* since 1970: when it was added to this mailbox (RFC 8514); 0: unknown */
};

/* --- Reading --- */

/* Strings are borrowed from the transaction. ERR_MISSING, ERR_CORRUPT: a row whose email is
 * missing or malformed is a damaged message. */
enum err email_get(const struct mail_txn *m, uint64_t email, struct email *out) MUST_USE;
/* Unpack envelope and preview of an email from email_get. They are borrowed from the transaction
 * or live in a. ERR_CORRUPT, ERR_IO. */
enum err email_describe(const struct mail_txn *m, struct arena *a, struct email *email) MUST_USE;
enum err email_row_get(const struct mail_txn *m, uint32_t mailbox, uint32_t uid,
                       struct email_row *out) MUST_USE;

/* Rows with lo <= UID <= hi, in the order of UIDs; hi may be UINT32_MAX. A missing mailbox has
 * none. Writing in the same transaction is allowed during the walk. \Seen is that of m->who, if it
 * has its own (own_seen.h).
 *
 * A malformed row does not hide later ones: it is returned with email and thread 0, which do not
 * exist, without flags, with modseq 1. Its flags can be changed, and it can be removed;
 * email_row_get returns ERR_CORRUPT for it.
 *
 *	email_rows_init(&rows, m, mailbox, 1, UINT32_MAX);
 *	while (email_rows_next(&rows, &row))
 *		use(&row);
 *	e = email_rows_end(&rows);		exactly once; the error that stopped it */
struct email_rows {
	struct kv_iter it;
	struct own_seen seen;
	enum err error;
};
void email_rows_init(struct email_rows *r, const struct mail_txn *m, uint32_t mailbox, uint32_t lo,
                     uint32_t hi);
bool email_rows_next(struct email_rows *r, struct email_row *out);
/* Backwards, from hi down. */
bool email_rows_prev(struct email_rows *r, struct email_row *out);
enum err email_rows_end(struct email_rows *r) MUST_USE;

/* --- Writing: each takes one modseq when it changes anything, else none. Results are
 * reset first, so a transaction that runs again starts clean. --- */

struct email_append {
	uint32_t mailbox;
	const struct email_new *email;
	struct flags flags; /* numbers from FLAG_CUSTOM on come from keyword_intern */
	int64_t internal_ms;
};
struct email_appended {
	uint32_t uidvalidity;
	uint32_t uid;
	uint64_t email;
	uint64_t modseq;
};
/* Write. who needs RIGHT_INSERT; flags that it may not change are dropped (RFC 4314 4). ERR_LIMIT:
 * over quota, or the mailbox's UIDs are exhausted. ERR_RETRY: see blob_put; prepare the email
 * again. */
enum err email_append(const struct mail_txn *m, const struct email_append *what,
                      struct email_appended *out) MUST_USE;
/* Write. Append several, all to the mailbox of the first: one modseq, one row of the log. n is not
 * 0. *out is of the first; UIDs and ids of the others follow without a gap. */
enum err email_append_all(const struct mail_txn *m, const struct email_append *what, size_t n,
                          struct email_appended *out) MUST_USE;

enum flags_op { FLAGS_SET, FLAGS_ADD, FLAGS_REMOVE };
struct email_store {
	uint32_t mailbox;
	const struct uids *uids; /* missing ones are skipped */
	enum flags_op op;
	struct flags flags;
	uint64_t unchanged_since; /* RFC 7162 3.1.3; UINT64_MAX: no condition */
};
struct email_stored {
	uint64_t modseq;      /* the account's, afterwards */
	struct uids changed;  /* rows with changed flags */
	struct flags flags;   /* that changed in any of them */
	struct uids modified; /* unchanged, because their modseq is above unchanged_since */
};
/* Write. *out is initialised all-zero by the caller, which calls email_stored_deinit in either
 * case. A row with the same flags is not written. Flags that who may not change stay; ERR_DENIED
 * when that is all of them (RFC 4314 4). */
enum err email_flags_store(const struct mail_txn *m, const struct email_store *what,
                           struct email_stored *out) MUST_USE;
void email_stored_deinit(struct email_stored *s);

struct email_copy {
	uint32_t from, to;       /* may be the same */
	uint32_t to_account;     /* account of to; 0: m's */
	const struct uids *uids; /* missing ones are skipped */
};
struct email_copied {         /* for COPYUID (RFC 9051 7.1): the n-th of from became the n-th of
			       * to */
	uint32_t uidvalidity; /* of the destination */
	uint64_t modseq;
	struct uids from, to;
};
/* Write. *out as in email_flags_store; modseq is that of to's account. Copies keep flags and
 * internal date (RFC 9051 6.4.7). In another account, a moved email is a new one, too. who needs
 * RIGHT_READ and RIGHT_INSERT, to move RIGHT_DELETED and RIGHT_EXPUNGE as well. ERR_LIMIT: as
 * email_append, but not for a move within an account; or an email would have more than
 * LIMIT_placements placements; nothing is copied then. */
enum err email_copy(const struct mail_txn *m, const struct email_copy *what,
                    struct email_copied *out) MUST_USE;
enum err email_move(const struct mail_txn *m, const struct email_copy *what,
                    struct email_copied *out) MUST_USE;
void email_copied_deinit(struct email_copied *c);

struct email_expunge {
	uint32_t mailbox;
	const struct uids *uids; /* missing ones are skipped */
	bool deleted_only;       /* keep those without \Deleted: EXPUNGE, UID EXPUNGE, CLOSE; free
	                          * when mailbox.deleted is 0 */
};
/* Write. Remove rows for good, and emails with their last row. *gone is initialised all-zero by
 * the caller, which calls uids_deinit in either case; modseq may be NULL. who needs
 * RIGHT_EXPUNGE. */
enum err email_expunge(const struct mail_txn *m, const struct email_expunge *what,
                       struct uids *gone, uint64_t *modseq) MUST_USE;

#endif
