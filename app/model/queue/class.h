/* model/queue/class.h: named queues: which entries are in them, and how they are treated. Pure: all
 * is in the settings (ROOST_QUEUES, foundation/config/rules.h); for this folder and its callers.
 *
 *	define=bulk concurrency=2 retry=15m,1h,4h expire=2d notice=0
 *	define=night paused=yes
 *	from=news.shop.example queue=bulk
 *	to=*.slow.example size=5M queue=night
 *	from=intern@shop.example hold=yes
 *
 * A line with "define" says how the queue of that name is treated; what it leaves out is as in the
 * default queue, whose name is empty. One with "most" or "most-size" is a limit: quota.h. Every
 * other line is a rule: the first that fits a message says where it goes, and whether it is held
 * until an administrator releases it. All its keys have to fit:
 *
 *	from, to    a domain, or with "@" an address; "*": anything. to: of every recipient
 *	submitter   the number of the account that sent it
 *	priority    this and above, -9 to 9 (RFC 6710); "..-3": this and below
 *	bounce      yes: from the null sender
 *	size        this and above
 */
#ifndef QUEUE_CLASS_H
#define QUEUE_CLASS_H
#include "model/queue/queue.h"
#include "model/queue/schedule.h"

struct queue_class {
	struct str name;      /* borrows from the settings         */
	uint32_t concurrency; /* connections at once; 0: any       */
	bool paused;
	struct schedule schedule;
};

/* That of a name; one that is not defined (any more) is treated as the default queue. */
struct queue_class queue_class_of(const struct settings *s, struct str name);

/* Is there a queue of that name? The default one, whose name is empty, is always there. */
bool queue_class_known(const struct settings *s, struct str name);

/* When it is given up: by the named queue that it is in, or earlier if its sender wants that (RFC
 * 2852 4.1.3). */
int64_t queue_class_expires_ms(const struct settings *s, const struct queue_item *item);

struct queue_fit {
	struct str queue; /* borrows from the settings */
	bool hold;
};
/* Which one an entry with this sender, recipients and so on belongs to. */
struct queue_fit queue_class_fit(const struct settings *s, const struct queue_item *item);

/* Calls fn for each that is defined, the default queue not among them. */
void queue_class_each(const struct settings *s,
                      void (*fn)(const struct queue_class *class, void *arg), void *arg);

#endif
