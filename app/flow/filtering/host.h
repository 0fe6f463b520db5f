/* flow/filtering/host.h: the store as a Sieve program sees it: a struct sieve_host for one message
 * of an account. Private to flow/filtering. */
#ifndef FILTERING_HOST_H
#define FILTERING_HOST_H
#include "flow/filtering/filtering.h"
#include "formats/sieve/sieve.h"

enum { HOST_PARTS = 12, HOST_DUPLICATES = 100, HOST_KEY_MAX = 80 };

/* An id that a duplicate test has seen (RFC 7352): remembered if the run succeeds. */
struct host_duplicate {
	char key[HOST_KEY_MAX];
	uint32_t seconds;
};

/* A program that was made anew from a stored text. */
struct host_compiled {
	struct str text;    /* borrowed from the transaction, so its place is its identity */
	struct str program; /* empty: it has an error                                      */
	struct sieve_error error;
	struct host_compiled *next;
};

struct filter_host {
	struct sieve_host sieve;
	const struct filtering_mail *mail;
	struct txn *t;
	struct arena arena;           /* of the strings and programs that programs get */
	struct str parts[HOST_PARTS]; /* of the envelope, as far as they were asked for */
	bool parts_known[HOST_PARTS], parts_given[HOST_PARTS];
	struct host_duplicate *duplicates; /* of the program that runs */
	size_t duplicates_n;
	struct host_compiled *compiled;
	enum err error; /* of the store: the result of the run is not valid */
};

/* Do the scripts of its domain run over mail of the account? Those of an administrator are exempt,
 * see filtering.h. */
enum err filter_domain_runs(struct txn *t, const struct filtering_mail *m, bool *out) MUST_USE;

/* Limits of a run, by the settings. */
struct sieve_limits filter_limits(const struct settings *s);

void filter_host_init(struct filter_host *h, const struct filtering_mail *mail, struct txn *t);
void filter_host_deinit(struct filter_host *h);

/* The program of text, which is borrowed from the transaction: stored if it is of this version,
 * else compiled, in h->arena. False: the text does not compile any more; *why is its first
 * error. */
bool filter_host_program(struct filter_host *h, struct str text, struct str stored,
                         struct str *program, struct sieve_error *why);

/* Is e OK? An error of the store stays in h->error; those that mean that something does not exist
 * leave the run valid. */
bool filter_host_found(struct filter_host *h, enum err e);

/* An address of the account, with any tag or through an alias to it alone; false also after an
 * error of the store, in h->error. */
bool filter_host_owns(struct filter_host *h, struct mailaddr address);

/* Have the checks of policy/ quarantined the message? */
bool filter_host_is_junk(const struct filter_host *h);

/* Does the place lead to the mailbox of Junk? */
bool filter_host_leads_to_junk(struct filter_host *h, const struct action_place *place);

/* A key of model/filters/memory.h: kind and a hash of both texts. room has HOST_KEY_MAX bytes. */
struct str filter_host_key(char *room, const char *kind, struct str a, struct str b);

#endif
