/* protocols/imap/search/searching.h: finds the messages that match a search program, for
 * SEARCH, SORT and THREAD. A generator: a slice visits messages for some milliseconds in
 * one read transaction. */
#ifndef IMAP_SEARCHING_H
#define IMAP_SEARCHING_H
#include "formats/imap_wire/search.h"
#include "model/query/search_email.h"
#include "model/query/search_plan.h"

struct email_row;
struct imap;
struct mail_txn;

struct searching {
	struct imap *s;
	struct imap_search *what;
	struct query_program program;
	struct search_plan plan;
	struct uids candidates; /* if few can match */
	bool planned, few;
	uint32_t next; /* UID to continue from; 0: the end. Starts at 1, unless the caller
	                * sets it before the first slice */
	int64_t now_ms;
	struct uids found;
	unsigned score;  /* of the message passed to on_found, if scores are requested */
	void (*on_found)(void *arg, const struct email_row *row); /* may be NULL */
	void *arg;
};

/* Prepare the program for the selected mailbox. False: s->reply is the error. */
bool searching_init(struct searching *g, struct imap *s, struct imap_search *what);
void searching_deinit(struct searching *g);
/* All UIDs of the view that can match, by the sets in the program. out is empty
 * before. */
void searching_within(const struct searching *g, struct uids *out);
/* Run one slice; g->next then says whether there is more. */
enum err searching_go(struct searching *g) MUST_USE;

/* The row of one message, or a substitute for a damaged one (model/mailbox/email.h).
 * ERR_MISSING: expunged. */
enum err searching_row(const struct mail_txn *m, uint32_t mailbox, uint32_t uid,
                       struct email_row *out) MUST_USE;
/* Convert flags of steps to numbers, which never change (keywords.h). */
enum err searching_flags(const struct mail_txn *m, struct query_program *program) MUST_USE;

/* Keys that are IMAP's own, for struct search_email: message numbers, UIDs, \Recent, modseqs and
 * ids of objects. Sets are resolved. */
struct searching_keys {
	const struct imap *s;
	const struct imap_search *what;
};
enum verdict searching_test(const struct search_email *x, size_t step, void *keys);

#endif
