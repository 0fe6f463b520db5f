/* protocols/smtp_out/report.c: see report.h. */
#include "protocols/smtp_out/report.h"

#include "flow/delivery/queue_local.h"
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"

enum { REPORT_WAIT_MS = 2000, AGAIN_MS = 60 * 1000 };

/* Has another server a copy? Local deliveries are made by the report itself. */
static bool report_is_taken(const struct queue_item *item, const struct queue_result *results)
{
	for (size_t i = 0; i < item->envelope.rcpt_count; i++)
		if (results[i].outcome == QUEUE_DELIVERED && !results[i].here)
			return true;
	return false;
}

/* A full disk must not cause a second copy: the report waits for room until another
 * runner may take the entry. */
static bool may_wait(const struct out_batch *b, const struct queue_item *item,
                     const struct queue_result *results, enum err e)
{
	return (e == ERR_FULL || e == ERR_RETRY) && !atomic_load(b->stopping) &&
	       clock_real_ms() + REPORT_WAIT_MS < item->due_ms && report_is_taken(item, results);
}

/* No server has it: it is retried when there may be room. */
static void put_back(const struct out_batch *b, const struct queue_item *item)
{
	if (queue_release(b->config->queue, item, 1, clock_real_ms() + AGAIN_MS, NULL) != OK)
		(void)0; /* its lease expires */
}

bool out_report(const struct out_batch *b, const struct queue_path *path,
                const struct queue_item *item, struct queue_result *results,
                struct delivery_local *local)
{
	struct why why = { "" };
	enum err e = ERR_FULL;

	while (e != OK) {
		for (size_t i = 0; i < item->envelope.rcpt_count; i++)
			if (results[i].path == NULL)
				results[i].path = path;
		e = queue_report(b->config->queue, item, results, &why);
		if (e != OK && local != NULL && delivery_local_retry(local))
			continue;
		if (e == OK || !may_wait(b, item, results, e))
			break;
		clock_sleep_ms(REPORT_WAIT_MS);
	}
	if (local != NULL)
		delivery_local_end(local, e == OK);
	if (e == OK || e == ERR_CONFLICT)
		return true;
	event(store_failed, STR(""), ev_z(err_words(e, &why)));
	if (!report_is_taken(item, results))
		put_back(b, item);
	return false;
}
