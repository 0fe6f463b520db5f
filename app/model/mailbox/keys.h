/* model/mailbox/keys.h: the keys of mailbox/'s rows. Private to the folder.
 *
 *	MAILBOX       account mailbox                       mailbox 0: the account's state
 *	MAILBOX_NAME  account parent name
 *	EMAIL         account email                         the record
 *	EMAIL         account email mailbox UID             a placement: an empty value, right
 *	                                                    after the record, on its page
 *	UID           account mailbox UID
 *	UID           account 0 email                       pending deletion: an empty value
 *	CHANGE        account modseq number
 *	KEYWORD       account number
 *	SUBSCRIPTION  account hash-of-name
 *	SEEN          account mailbox user block            own_seen.h
 *	THREAD        account thread email                  thread.h
 *	THREAD_KEY    account hash
 *	DATED         account mailbox date UID              by_date.h
 *	THREAD_BOX    account mailbox thread                row_index.h
 *
 * All numbers are 4 bytes; emails, threads, modseqs and dates 8; big-endian. */
#ifndef MAILBOX_KEYS_H
#define MAILBOX_KEYS_H
#include "foundation/base/cur.h"

enum {
	KEY_MAX = 4 + 4 + 255, /* the longest has one level of a mailbox name */
	EMAIL_KEY_BYTES = 12,  /* of the record; those of its placements are longer */
};

struct key {
	size_t n;
	char p[KEY_MAX];
};

/* A key that begins with a number of 4 bytes; then append. Past KEY_MAX asserts. */
void key_init(struct key *k, uint32_t account);
void key_u32(struct key *k, uint32_t n);
void key_u64(struct key *k, uint64_t n);
void key_bytes(struct key *k, struct str s);
/* Borrowed from k. */
struct str key_str(const struct key *k);

void key_mailbox(struct key *k, uint32_t account, uint32_t mailbox);
void key_name(struct key *k, uint32_t account, uint32_t parent, struct str leaf);
void key_email(struct key *k, uint32_t account, uint64_t email);
void key_placement(struct key *k, uint32_t account, uint64_t email, uint32_t mailbox, uint32_t uid);
void key_uid(struct key *k, uint32_t account, uint32_t mailbox, uint32_t uid);
/* The common prefix of all rows of a mailbox. */
void key_uids(struct key *k, uint32_t account, uint32_t mailbox);
void key_pending_deletion(struct key *k, uint32_t account, uint64_t email);
void key_change(struct key *k, uint32_t account, uint64_t modseq, uint32_t number);
void key_thread(struct key *k, uint32_t account, uint64_t thread, uint64_t email);
/* The common prefix of all emails of a thread. */
void key_threads(struct key *k, uint32_t account, uint64_t thread);
void key_thread_key(struct key *k, uint32_t account, const uint8_t *hash);
void key_thread_box(struct key *k, uint32_t account, uint32_t mailbox, uint64_t thread);
void key_dated(struct key *k, uint32_t account, uint32_t mailbox, int64_t internal_ms,
               uint32_t uid);

#endif
