/* protocols/imap/search/gathering.h: the messages that match a search program, with the
 * columns that SORT and THREAD compare (model/search/columns.h). A generator, like
 * searching.h. */
#ifndef IMAP_GATHERING_H
#define IMAP_GATHERING_H
#include "model/search/keys.h"
#include "protocols/imap/search/searching.h"

struct email_row;

struct gathered {
	uint32_t uid;
	uint32_t size_bytes;
	uint8_t score; /* if scores are requested */
	int64_t arrived_ms;
	uint64_t email;
};

struct gathering {
	struct searching look;
	unsigned mask;          /* BIT(enum search_column): the columns */
	struct gathered *items; /* in the order of UIDs                 */
	size_t n, cap;
	/* One value for each item, in the command's arena; NULL: not requested */
	int64_t *sent_ms;                   /* COLUMN_SENT */
	struct str *values[SEARCH_COLUMNS]; /* the others  */
	uint32_t *by_email; /* items in the order of emails       */
	size_t keyed;       /* so many of these have their values */
	bool done;
};

/* As searching_init. */
bool gathering_init(struct gathering *g, struct imap *s, struct imap_search *what, unsigned mask);
void gathering_deinit(struct gathering *g);
/* Run one slice; g->done: it was the last. An expunged message has empty values. */
enum err gathering_go(struct gathering *g) MUST_USE;

#endif
