/* console/cli/queue.c: `roost queue ...`: outgoing mail. */
#include "console/cli/command.h"

#include "console/api/queue/queue_note.h"
#include "console/cli/terminal.h"
#include "console/server/control.h"
#include "formats/message/header.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/live.h"
#include "foundation/observe/stamp.h"
#include "model/queue/queue.h"
#include "model/webhook/webhook.h"

#include <stdio.h>
#include <stdlib.h>

enum { LIST_MAX = 10000, SHOW_MAX = 64 << 10 };

struct request {
	uint64_t id;
	uint64_t count; /* of entries changed */
	struct webhooks *webhooks; /* who hear of it */
};

static void address_print(const struct mailaddr *address)
{
	struct buf b;

	buf_init(&b, 1024);
	mailaddr_put(&b, address);
	printf("<");
	terminal_put(stdout, buf_str(&b));
	printf(">");
	buf_deinit(&b);
}

static void reply_print(const struct queue_reply *reply)
{
	if (reply->code == 0 && reply->text.n == 0)
		return;
	printf(" ");
	if (reply->code != 0) /* which somebody said */
		printf("%u ", reply->code);
	terminal_put(stdout, reply->text);
	if (reply->remote.n == 0)
		return;
	printf(" (");
	terminal_put(stdout, reply->remote);
	printf(")");
}

/* Without a server nobody tries anything, and what was being tried comes first when one starts. */
static void state_print(struct txn *t, const struct queue_item *item)
{
	char due[STAMP_SIZE] = "never";
	bool active = item->holder != 0 && !txn_is_alone(t);

	if (item->due_ms != QUEUE_NEVER_MS)
		stamp_utc(item->due_ms, due);
	if (item->held && !active)
		printf("held\n");
	else if (item->holder != 0 && !active)
		printf("next when the server starts\n");
	else
		printf("%s %s\n", active ? "being tried until" : "next", due);
}

static void item_print(struct txn *t, const struct queue_item *item)
{
	char created[STAMP_SIZE];

	stamp_utc(item->created_ms, created);
	printf("%" PRIu64 " %s %" PRIu64 " bytes from ", item->id, created, item->size_bytes);
	address_print(&item->sender);
	printf(", %u attempts, ", item->attempts);
	state_print(t, item);
	for (size_t i = 0; i < item->rcpt_count; i++) {
		printf("    ");
		address_print(&item->rcpts[i].address);
		reply_print(&item->rcpts[i].reply);
		printf("\n");
	}
}

static enum err list(struct txn *t, void *arg)
{
	struct queue_list list;
	enum err e = queue_list(t, 0, LIST_MAX, txn_arena(t), &list);

	(void)arg;
	if (e)
		return e;
	for (size_t i = 0; i < list.count; i++)
		item_print(t, &list.items[i]);
	if (list.more != 0)
		printf("and %" PRIu64 " more\n", list.more);
	return OK;
}

int cli_queue_list(const struct settings *s, int argc, char **argv)
{
	(void)argc, (void)argv;
	return command_read(s, "queue", list, NULL);
}

static enum err show(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct queue_item item;
	struct buf raw;
	enum err e = queue_get(t, r->id, txn_arena(t), &item);

	if (e != OK)
		return e;
	buf_init(&raw, SHOW_MAX);
	e = blob_get(t, &item.blob, 0, SHOW_MAX, &raw);
	if (e == OK) {
		struct str header = str_sub(buf_str(&raw), 0, header_size(buf_str(&raw)));

		item_print(t, &item);
		printf("\n");
		terminal_put_lines(stdout, header);
	}
	buf_deinit(&raw);
	return e;
}

static bool id_parse(const char *text, uint64_t *id)
{
	struct cur c = cur_of(str_of(text));

	if (cur_u64(&c, id) && cur_done(&c) && *id != 0)
		return true;
	fprintf(stderr, "roost: queue: %s is no id; `roost queue list` shows them\n", text);
	return false;
}

/* One entry by fn, with what it was and is in the audit trail. An entry that is not there is worth
 * a sentence. */
static enum err entry_change(struct txn *t, struct request *r, const char *what,
                             enum err (*fn)(struct txn *t, struct request *r))
{
	struct str target = str_fmt(txn_arena(t), "%" PRIu64, r->id), before, after;
	enum err e = queue_note(t, r->id, &before);

	if (e == OK)
		e = fn(t, r);
	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "there is no entry %" PRIu64, r->id);
	if (e == OK)
		e = queue_note(t, r->id, &after);
	return e != OK ? e : command_note(t, what, target, before, after);
}

static int change(const struct settings *s, txn_fn *fn, struct request *r)
{
	int status = command_write(s, false, "queue", fn, r);

	if (status == EXIT_SUCCESS)
		control_poke(s->data, CONTROL_QUEUE);
	return status;
}

static enum err retry_due(struct txn *t, struct request *r)
{
	return queue_retry(t, r->id, clock_real_ms(), &r->count);
}

static enum err retry(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e;

	if (r->id != 0)
		return entry_change(t, r, "queue.retry", retry_due);
	e = retry_due(t, r);
	return e != OK ? e
	               : command_note(t, "queue.retry", STR_EMPTY, STR_EMPTY,
	                              str_fmt(txn_arena(t), "{\"entries\":%" PRIu64 "}", r->count));
}

int cli_queue_retry(const struct settings *s, int argc, char **argv)
{
	struct request r = { 0 };
	int status;

	if (argc > 0 && !id_parse(argv[0], &r.id))
		return EXIT_USAGE;
	status = change(s, retry, &r);
	if (status == EXIT_SUCCESS)
		printf("%" PRIu64 "\n", r.count);
	return status;
}

int cli_queue_show(const struct settings *s, int argc, char **argv)
{
	struct request r = { 0 };

	(void)argc;
	return id_parse(argv[0], &r.id) ? command_read(s, "queue", show, &r) : EXIT_USAGE;
}

static enum err hold_entry(struct txn *t, struct request *r)
{
	return queue_hold(t, r->id);
}

static enum err hold(struct txn *t, void *arg)
{
	return entry_change(t, arg, "queue.hold", hold_entry);
}

int cli_queue_hold(const struct settings *s, int argc, char **argv)
{
	struct request r = { 0 };

	(void)argc;
	return id_parse(argv[0], &r.id) ? change(s, hold, &r) : EXIT_USAGE;
}

static enum err unhold_entry(struct txn *t, struct request *r)
{
	return queue_unhold(t, r->id, clock_real_ms());
}

static enum err unhold(struct txn *t, void *arg)
{
	return entry_change(t, arg, "queue.release", unhold_entry);
}

int cli_queue_release(const struct settings *s, int argc, char **argv)
{
	struct request r = { 0 };

	(void)argc;
	return id_parse(argv[0], &r.id) ? change(s, unhold, &r) : EXIT_USAGE;
}

static enum err drop_entry(struct txn *t, struct request *r)
{
	return queue_drop(r->webhooks, t, r->id);
}

static enum err drop(struct txn *t, void *arg)
{
	return entry_change(t, arg, "queue.drop", drop_entry);
}

int cli_queue_drop(const struct settings *s, int argc, char **argv)
{
	struct webhooks_config config = { 0 }; /* to put rows only: the server tells */
	struct request r = { 0 };
	struct why why = { "" };
	int status;

	(void)argc;
	if (!id_parse(argv[0], &r.id))
		return EXIT_USAGE;
	if (command_settings(s, &config.live, &why) != OK)
		return command_failed("queue", &why);
	r.webhooks = webhooks_new(&config);
	status = change(s, drop, &r);
	webhooks_free(&r.webhooks);
	live_free(&config.live);
	return status;
}
