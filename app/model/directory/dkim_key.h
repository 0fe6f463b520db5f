/* model/directory/dkim_key.h: the keys that sign a domain's mail (formats/mailauth/dkim.h).
 *
 * The states of a key: its record is published in DNS (PUBLISH), it signs (ACTIVE), it signs no
 * more but its record stays for mail under way (RETIRED), it is removed. A domain's first keys are
 * active at once: there are no others, a verifier without the record treats the message as unsigned
 * (RFC 6376 6.1.2), and mail that is still queued verifies once the record is published. Later keys
 * begin with PUBLISH; rotation.h changes their states.
 *
 * A selector names the kind and the month of a key: r202611 is RSA, e202611 Ed25519; a second one
 * of the month is r202611b, and after r202611z comes r202611zb. A domain never uses a selector for
 * two keys, even when the first key or the domain was removed meanwhile: caches keep records for a
 * long time. */
#ifndef DIRECTORY_DKIM_KEY_H
#define DIRECTORY_DKIM_KEY_H
#include "formats/mailauth/dkim.h"
#include "foundation/base/err.h"

struct fsck_report;
struct store;
struct txn;

enum dkim_key_state { DKIM_KEY_PUBLISH, DKIM_KEY_ACTIVE, DKIM_KEY_RETIRED };
/* "publish", "active", "retired". */
const char *dkim_key_state_name(enum dkim_key_state s);
bool dkim_key_state_parse(struct str name, enum dkim_key_state *out);

struct dkim_key {
	struct str domain, selector;
	enum dkim_algorithm algorithm;
	enum dkim_key_state state;
	int64_t created_ms, changed_ms; /* changed: its state */
	struct str public;              /* in the form for dkim_record */
	struct str secret;              /* PEM for RSA, the seed for Ed25519 */
};

struct dkim_key_list {
	struct dkim_key *items; /* by selector */
	size_t count;
};

/* All keys of a domain, whose name is in lower case, without their secrets. */
enum err dkim_keys(struct txn *t, struct str domain, struct arena *a,
                   struct dkim_key_list *out) MUST_USE;
/* The keys that sign, with their secrets: a is a secret arena. */
enum err dkim_keys_signing(struct txn *t, struct str domain, struct arena *a,
                           struct dkim_key_list *out) MUST_USE;

/* Generate one key of each kind, without storing them. Takes a tenth of a second on a PC, sometimes
 * much more on small machines, so do not call it inside a transaction. a is a secret arena. */
struct dkim_pair {
	struct dkim_key keys[2];
};
void dkim_pair_new(struct dkim_pair *out, struct arena *a);
/* Store the keys for a domain, in this state, with new selectors, which *pair has afterwards. */
enum err dkim_pair_add(struct txn *t, struct str domain, struct dkim_pair *pair,
                       enum dkim_key_state state) MUST_USE;

/* Create the first keys of a domain if it has none. Not inside a transaction; may take as long as
 * dkim_pair_new. */
enum err dkim_keys_ensure(struct store *store, struct str domain, struct why *why) MUST_USE;
/* The same for every local domain, as a job of a pool; arg is the struct store. After a failure the
 * next call tries again. */
void dkim_keys_ensure_all(void *arg);

/* Change the state of a key. ERR_MISSING: no such key. ERR_CONFLICT: it is the last one that signs.
 * domain in lower case. */
enum err dkim_key_change(struct txn *t, struct str domain, struct str selector,
                         enum dkim_key_state to, struct why *why) MUST_USE;
/* ERR_CONFLICT: it signs. */
enum err dkim_key_rm(struct txn *t, struct str domain, struct str selector,
                     struct why *why) MUST_USE;
/* Remove all keys of a domain. */
enum err dkim_keys_rm(struct txn *t, struct str domain) MUST_USE;

/* Check that every key matches its public half. For model/directory/fsck.c. */
enum err dkim_keys_fsck(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
