/* operations/doctor/watch.h: what was right and goes wrong. The space doctor has a row for each
 * finding: since when its state is as it is, when it was last right, and what was told of it.
 *
 *	    right --wrong--> doubted --still wrong after patience--> to be told --mail--> told
 *	      ^                 |                                        |                 |
 *	      +------right------+----------------right-------------------+                right
 *	      ^                                                                            |
 *	      +--------------------------mail-- right again, to be told <------------------+
 *
 * So a blip says nothing, what was never right says nothing, and what was told once is told once
 * more, when it is right again. A name server that does not answer makes nothing wrong or right. */
#ifndef DOCTOR_WATCH_H
#define DOCTOR_WATCH_H
#include "foundation/base/err.h"
#include "operations/doctor/finding.h"

struct buf;
struct txn;

enum watch_told {
	WATCH_NOTHING,    /* there is nothing to tell                  */
	WATCH_TELL_WRONG, /* it is wrong, and nobody knows yet         */
	WATCH_TOLD_WRONG,
	WATCH_TELL_RIGHT, /* it is right again, and nobody knows yet   */
};

struct watch_row {
	struct str part, id; /* of which part; empty: the host */
	enum dns_state state;
	enum watch_told told;
	int64_t since_ms, right_ms;
	int64_t wrong_ms; /* it was right, and is wrong since this look; 0: it is not */
	int64_t looked_ms; /* when there was such a finding last */
	struct str type, name, words, advice, paste; /* as the finding has them */
};

/* Pure. Update the row by a check; it is zero for a finding without a row. Strings are borrowed
 * from f. True: log the event that the record is wrong, or right again. */
bool watch_step(struct watch_row *row, const struct finding *f, int64_t now_ms,
                int64_t patience_ms);

struct watching {
	struct str part;
	struct findings *findings;
	int64_t now_ms, patience_ms;
	struct arena *a;
	/* results */
	struct watch_row *news; /* those that somebody has to know of; in a     */
	size_t news_count;
	bool doubted; /* something is wrong that was right: look again soon */
};
/* Bring the rows of a part up to a look, and set when each finding was right and since when it is
 * as it is. Rows of findings that have not been for some days go. May run again. */
enum err watch_keep(struct txn *t, struct watching *w) MUST_USE;
/* A domain that is ours no more. */
enum err watch_forget(struct txn *t, struct str part) MUST_USE;

struct watch_list {
	struct watch_row *items;
	size_t count;
};
/* Those to tell of, at most LIMIT_doctor_news, in a. */
enum err watch_news(struct txn *t, struct arena *a, struct watch_list *out) MUST_USE;
/* They were told, as the list has them. */
enum err watch_told(struct txn *t, const struct watch_list *told) MUST_USE;

/* For fsck: false: the row cannot be read. Borrowed. */
bool watch_row_parse(struct str key, struct str row, struct watch_row *out);
/* The value of the row in the store. For tests. */
void watch_row_pack(struct buf *out, const struct watch_row *row);

#endif
