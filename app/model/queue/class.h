/* model/queue/class.h: named queues: their entries and treatment. Pure: everything is in
 * the settings (ROOST_QUEUES, foundation/config/rules.h); for this folder and its
 * callers.
 *
 *	define=bulk concurrency=2 retry=15m,1h,4h expire=2d notice=0
 *	define=night paused=yes
 *	from=news.shop.example queue=bulk
 *	to=*.slow.example size=5M queue=night
 *	from=intern@shop.example hold=yes
 *
 * A line with "define" sets the treatment of the queue of that name; omitted values are
 * those of the default queue, whose name is empty. A line with "most" or "most-size" is a
 * limit: quota.h. Every other line is a rule. The first matching rule of a message
 * selects its queue, and whether it is held until an administrator releases it. All its
 * keys must match:
 *
 *	from, to    a domain, or with "@" an address; "*": anything. to: of every recipient
 *	submitter   the number of the account that sent it
 *	priority    this or higher, -9 to 9 (RFC 6710); "..-3": this and below
 *	bounce      yes: from the null sender
 *	size        this or larger */
#ifndef QUEUE_CLASS_H
#define QUEUE_CLASS_H
#include "foundation/base/str.h"
#include "model/queue/entry.h"
#include "model/queue/schedule.h"

struct queue_class {
	struct str name;      /* borrows from the settings   */
	uint32_t concurrency; /* connections at once; 0: any */
	bool paused;
	struct schedule schedule;
};

/* The class of a name; an undefined one is treated like the default queue. */
struct queue_class queue_class_of(const struct settings *s, struct str name);

/* Does a queue of that name exist? The default one, whose name is empty, always does. */
bool queue_class_known(const struct settings *s, struct str name);

/* Expiry of an entry: by its named queue, or earlier if the sender requests it (RFC 2852
 * 4.1.3). */
int64_t queue_class_expires_ms(const struct settings *s, const struct queue_item *item);

struct queue_fit {
	struct str queue; /* borrows from the settings */
	bool hold;
};
/* The queue for an entry with this sender, recipients and so on. */
struct queue_fit queue_class_fit(const struct settings *s, const struct queue_item *item);

/* Call fn for each defined queue, without the default one. */
void queue_class_each(const struct settings *s,
                      void (*fn)(const struct queue_class *class, void *arg), void *arg);

#endif
