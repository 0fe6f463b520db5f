/* protocols/imap/search/searching.h: looking for the messages that a search program wants, for
 * SEARCH, SORT and THREAD. A generator: a slice looks at messages for some milliseconds in one
 * read transaction. */
#ifndef IMAP_SEARCHING_H
#define IMAP_SEARCHING_H
#include "protocols/imap/search/search_plan.h"

struct email_row;
struct imap;
struct mail_txn;

struct searching {
	struct imap *s;
	struct imap_search *what;
	struct search_plan plan;
	struct uids candidates; /* when only few can match */
	bool planned, few;
	uint32_t next; /* UID from which to go on; 0: the end; from 1 on, unless the caller
	                * sets another one before the first slice */
	int64_t now_ms;
	struct uids found;
	unsigned score;  /* of the one that on_found is told, if scores are asked for */
	void (*on_found)(void *arg, const struct email_row *row); /* NULL: nobody asks */
	void *arg;
};

/* Make the program ready to run over the selected mailbox. False: s->reply says why not. */
bool searching_init(struct searching *g, struct imap *s, struct imap_search *what);
void searching_deinit(struct searching *g);
/* All UIDs of the view that the program can want, by the sets of messages that it names. out is
 * empty before. */
void searching_within(const struct searching *g, struct uids *out);
/* One slice; afterwards g->next says whether there is more. */
enum err searching_go(struct searching *g) MUST_USE;

/* The row of one message, or what stands for a damaged one (model/mailbox/email.h). ERR_MISSING:
 * it is gone. */
enum err searching_row(const struct mail_txn *m, uint32_t mailbox, uint32_t uid,
                       struct email_row *out) MUST_USE;
/* Flags of the keys to numbers; none of them can get another one (keywords.h). */
enum err searching_flags(const struct mail_txn *m, struct imap_search *what) MUST_USE;

#endif
