/* operations/acme/account.h: our accounts at certification authorities (RFC 8555 7.3): made when
 * they are first needed, given another key, ended. On acme's thread only. */
#ifndef ACME_ACCOUNT_H
#define ACME_ACCOUNT_H
#include "operations/acme/client.h"
#include "operations/acme/records.h"

struct work;

struct account {
	struct work *work;
	struct arena *arena; /* secret; all that comes from the store or the CA */
	struct str directory;
	struct account_row row;
	struct key *key;
	struct client client;
};

/* Get ready to ask the CA at this directory: take the account's key from the store, or make one;
 * and with registered, make sure that the CA knows the account by the present settings. Errors as
 * client_open and client_register. Close it whatever is returned. */
enum err account_open(struct account *a, struct work *w, struct str directory, bool registered,
                      struct arena *arena, struct why *why) MUST_USE;
void account_close(struct account *a);
/* Keep a->row. */
enum err account_save(struct account *a, struct why *why) MUST_USE;
/* The CA does not know it: it is registered anew the next time. */
enum err account_forget(struct account *a) MUST_USE;

/* Do what is wished for at every CA: another key, the end. *next_ms as work_round. */
void account_wishes_do(struct work *w, int64_t *next_ms);

#endif
