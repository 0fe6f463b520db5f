/* operations/acme/account.h: the server's accounts at certification authorities (RFC 8555
 * 7.3): created on first use, key rollover, deactivation. On acme's thread only. */
#ifndef ACME_ACCOUNT_H
#define ACME_ACCOUNT_H
#include "operations/acme/client.h"
#include "operations/acme/records.h"

struct work;

struct account {
	struct work *work;
	struct arena *arena; /* secret; all data from the store or the CA */
	struct str directory;
	struct account_row row;
	struct key *key;
	struct client client;
};

/* Prepare requests to the CA of this directory: load the account's key, or create one.
 * registered: also register the account under the current settings. Errors as client_open
 * and client_register. Close it in any case. */
enum err account_open(struct account *a, struct work *w, struct str directory, bool registered,
                      struct arena *arena, struct why *why) MUST_USE;
void account_close(struct account *a);
/* Store a->row. */
enum err account_save(struct account *a, struct why *why) MUST_USE;
/* The CA does not have this account: register it again next time. */
enum err account_forget(struct account *a) MUST_USE;

/* Execute pending requests for accounts at every CA: key rollover, deactivation. *next_ms
 * as work_round. */
void account_requests_do(struct work *w, int64_t *next_ms);

#endif
