/* model/directory/dkim_key.h: the keys that sign a domain's mail (formats/mailauth/dkim.h).
 *
 * A key's life: its record is published in DNS (PUBLISH), it signs (ACTIVE), it signs no more but
 * its record stays for mail that is under way (RETIRED), it is removed. A domain's first keys are
 * active at once: there are none that would be better, a verifier that finds no record treats the
 * message as unsigned (RFC 6376 6.1.2), and mail that is still queued when the record comes is
 * good then. Keys that follow others begin with PUBLISH; rotation.h leads them through.
 *
 * Selectors say what kind of key it is and since when: r202611 is RSA, e202611 Ed25519; a second
 * one of the month is r202611b, and behind r202611z comes r202611zb. One is never used for two keys
 * of a domain, even when the first is gone, or the domain was ours no more meanwhile: records live
 * long in caches. */
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
	struct str public;              /* as dkim_record wants it */
	struct str secret;              /* PEM for RSA, the seed for Ed25519 */
};

struct dkim_key_list {
	struct dkim_key *items; /* by selector */
	size_t count;
};

/* All keys of a domain, whose name is in lower case. Their secrets are left out. */
enum err dkim_keys(struct txn *t, struct str domain, struct arena *a,
                   struct dkim_key_list *out) MUST_USE;
/* Those that sign, with their secrets: a is a secret arena. */
enum err dkim_keys_signing(struct txn *t, struct str domain, struct arena *a,
                           struct dkim_key_list *out) MUST_USE;

/* One key of each kind, not in the store yet. Takes a tenth of a second on a PC, more on small
 * machines and with bad luck, so not inside a transaction.
 * a is a secret arena. */
struct dkim_pair {
	struct dkim_key keys[2];
};
void dkim_pair_new(struct dkim_pair *out, struct arena *a);
/* Store them for a domain, in this state, with new selectors, which *pair has then. */
enum err dkim_pair_add(struct txn *t, struct str domain, struct dkim_pair *pair,
                       enum dkim_key_state state) MUST_USE;

/* See to it that a domain has keys: what its first ones are made with. Not inside a transaction;
 * takes as long as dkim_pair_new when there are none. */
enum err dkim_keys_ensure(struct store *store, struct str domain, struct why *why) MUST_USE;
/* The same for every domain of ours, as a job of a pool; arg is the struct store. Those that fail
 * are left for the next time. */
void dkim_keys_ensure_all(void *arg);

/* Bring a key into another state. ERR_MISSING: no such key. ERR_CONFLICT: it is the last one that
 * signs. domain in lower case. */
enum err dkim_key_change(struct txn *t, struct str domain, struct str selector,
                         enum dkim_key_state to, struct why *why) MUST_USE;
/* ERR_CONFLICT: it signs. */
enum err dkim_key_rm(struct txn *t, struct str domain, struct str selector,
                     struct why *why) MUST_USE;
/* All of a domain. */
enum err dkim_keys_rm(struct txn *t, struct str domain) MUST_USE;

/* Does every key fit its public half? For model/directory/fsck.c. */
enum err dkim_keys_fsck(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
