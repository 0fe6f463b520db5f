/* tests/harness/mail_store.h: a temporary store with accounts' mail in it, and each write of
 * mailbox/ as one call in a transaction of its own. */
#ifndef HARNESS_MAIL_STORE_H
#define HARNESS_MAIL_STORE_H
#include "harness/temp_store.h"
#include "model/mailbox/changes.h"
#include "model/mailbox/email.h"
#include "model/mailbox/email/email_new.h"
#include "model/mailbox/keywords.h"
#include "model/mailbox/lease.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/watch.h"

struct mail_store {
	struct temp_store temp;
	struct mailboxes mailboxes; /* small maximums, to be reached by tests */
	uint32_t who;               /* acts in what follows; 0: the server      */
};

enum {
	MAIL_STORE_MAILBOXES = 40,
	MAIL_STORE_KEYWORDS = FLAG_CUSTOM + 8,
	MAIL_STORE_ACL = 8,
	MAIL_STORE_METADATA = 12,
};

/* Why the last write of this thread failed. */
extern _Thread_local struct why mail_why;

void mail_store_open(struct mail_store *s, enum store_backend backend);
void mail_store_close(struct mail_store *s);
/* Fails the test with the findings, if there are any. */
void mail_store_fsck(struct mail_store *s);
/* How many findings there are, without failing. */
uint64_t mail_store_findings(struct mail_store *s);

/* Run fn(m, arg) for the account in a transaction. */
typedef enum err mail_fn(const struct mail_txn *m, void *arg);
enum err mail_write(struct mail_store *s, uint32_t account, mail_fn *fn, void *arg);
enum err mail_read(struct mail_store *s, uint32_t account, mail_fn *fn, void *arg);

/* The writes. What they return goes into the transaction's result. */
enum err mail_do_provision(struct mail_store *s, uint32_t account);
enum err mail_do_create(struct mail_store *s, uint32_t account, const char *name);
enum err mail_do_rename(struct mail_store *s, uint32_t account, const char *from, const char *to);
enum err mail_do_delete(struct mail_store *s, uint32_t account, const char *name);
enum err mail_do_subscribe(struct mail_store *s, uint32_t account, const char *name, bool on);
/* internal_ms is 1000 times the size. out may be NULL. */
enum err mail_do_append(struct mail_store *s, uint32_t account, uint32_t mailbox, struct str raw,
                        struct flags flags, struct email_appended *out);
enum err mail_do_store(struct mail_store *s, uint32_t account, const struct email_store *what,
                       struct email_stored *out);
enum err mail_do_transfer(struct mail_store *s, uint32_t account, const struct email_copy *what,
                          bool move, struct email_copied *out);
enum err mail_do_expunge(struct mail_store *s, uint32_t account, const struct email_expunge *what,
                         struct uids *gone);

/* By name; leaf is not filled in. Fails the test when it is not there. */
struct mailbox mail_box(struct mail_store *s, uint32_t account, const char *name);
bool mail_box_exists(struct mail_store *s, uint32_t account, const char *name);
/* Flags of a row; fails the test when it is not there. */
struct email_row mail_row(struct mail_store *s, uint32_t account, uint32_t mailbox, uint32_t uid);

#endif
