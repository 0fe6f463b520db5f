/* admin/api_setup_test.c: the last step of the setup: a message that really travels. */
#include "admin/admin.h"
#include "admin/api_setup.h"
#include "base/clock.h"
#include "config/live.h"
#include "delivery/delivery.h"
#include "message/build.h"
#include "message/mailaddr.h"
#include "queue/queue.h"
#include "store/store.h"

enum { MESSAGE_MAX = 16 << 10, WAIT_MS = 10000, LOOK_MS = 200, ENTRIES_MAX = 50 };

static enum err make_people(struct txn *t, struct setup *s, void *arg)
{
	(void)arg;
	s->done |= SETUP_TESTED;
	return setup_people_make(t, s);
}

static void write_message(struct buf *b, const struct setup *s, struct str to, struct arena *a,
                          struct str hostname)
{
	build_field(b, STR("From"), s->address);
	build_field(b, STR("To"), to);
	build_text(b, STR("Subject"), STR("Your mail server works"));
	build_date(b, STR("Date"), clock_real_ms());
	build_field(b, STR("Message-ID"), build_message_id(a, hostname));
	build_field(b, STR("MIME-Version"), STR("1.0"));
	build_field(b, STR("Content-Type"), STR("text/plain; charset=utf-8"));
	buf_put(b,
	        STR("\r\nThis message was sent by the setup of your mail server. If you can read "
	            "it,\r\nmail goes out, or around within the house, as it should.\r\n"));
}

static enum err send(struct api_call *c, const struct setup *s, struct mailaddr *to,
                     struct str to_text)
{
	const struct settings *settings = settings_ref(c->admin->live);
	char peer[ADDR_TEXT_MAX];
	struct delivery_message m = { .id = c->http->id,
		                      .service = STR("setup"),
		                      .peer = addr_ip_text(&c->http->peer, peer),
		                      .rcpts = to,
		                      .rcpt_count = 1,
		                      .submitter = s->account,
		                      .ours = true };
	struct buf b;
	enum err e = OK;

	buf_init(&b, MESSAGE_MAX);
	write_message(&b, s, to_text, c->arena, settings->hostname);
	m.body = buf_str(&b);
	if (!mailaddr_of(s->address, c->arena, 0, &m.from))
		e = ERR_CORRUPT;
	if (e == OK)
		e = delivery_accept(c->admin->delivery, &m, &c->why);
	buf_deinit(&b);
	settings_unref(settings);
	return e;
}

/* --- what became of it ---------------------------------------------------------------------- */

struct waiting {
	struct arena *a;
	uint32_t submitter;
	struct queue_list list;
	const struct queue_item *item; /* NULL: it has left the queue */
};

static enum err look(struct txn *t, void *arg)
{
	struct waiting *w = arg;
	enum err e = queue_list(t, 0, ENTRIES_MAX, w->a, &w->list);

	w->item = NULL;
	for (size_t i = 0; e == OK && i < w->list.count; i++)
		if (w->list.items[i].submitter == w->submitter)
			w->item = &w->list.items[i];
	return e;
}

/* Until it is gone, or was tried without luck, or this takes too long. */
static enum err follow(struct api_call *c, struct waiting *w)
{
	int64_t deadline_ms = clock_mono_ms() + WAIT_MS;
	enum err e;

	for (;;) {
		e = store_read(c->admin->store, look, w);
		if (e != OK || w->item == NULL || w->item->attempts != 0 ||
		    clock_mono_ms() >= deadline_ms)
			return e;
		clock_sleep_ms(LOOK_MS);
	}
}

static void judge(struct api_call *c, const struct waiting *w, struct check *check)
{
	const struct queue_reply *reply;

	if (w->item == NULL) {
		check->seen = STR("it has left this server");
		check->advice =
			STR("look into the mailbox; if a report came back to yours instead, it "
		            "says what went wrong");
		return;
	}
	reply = &w->item->rcpts[0].reply;
	check->state = DNS_STATE_WARN;
	check->seen = w->item->attempts == 0
	                      ? STR("it waits to be sent")
	                      : str_fmt(c->arena, "%.*s: %u %.*s", STR_ARG(reply->remote),
	                                reply->code, STR_ARG(reply->text));
	check->advice = STR("it is tried again by itself; the console's queue shows how it goes");
}

enum err api_setup_test(struct api_call *c)
{
	struct check check = { .id = "test-mail",
		               .title = "Test message",
		               .expected = STR("the other server takes it") };
	struct setup_change change = { .call = c, .fn = make_people };
	struct waiting w = { .a = c->arena };
	struct str to_text = STR_EMPTY;
	struct mailaddr to;
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	if (e != OK)
		return e;
	(void)json_str(json_get(c->body, "to"), &to_text);
	to_text = str_trim(to_text);
	if (!mailaddr_of(to_text, c->arena, 0, &to))
		return fail(&c->why, ERR_SYNTAX, "give an address like me@example.org");
	if ((e = api_setup_write(&change)))
		return e;
	w.submitter = change.setup.account;
	if ((e = send(c, &change.setup, &to, to_text)) || (e = follow(c, &w)))
		return e;
	judge(c, &w, &check);
	api_check_put(c->out, &check);
	return OK;
}
