/* console/api/setup/api_setup_test.c: the last step of the setup: a message that really travels. */
#include "console/api/admin.h"
#include "console/api/setup/api_setup.h"
#include "flow/delivery/delivery.h"
#include "formats/message/build.h"
#include "formats/message/mailaddr.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "model/history/trace.h"
#include "model/store/store.h"

enum { MESSAGE_MAX = 16 << 10, WAIT_MS = 10000, LOOK_MS = 100 };

static enum err make_people(struct txn *t, struct setup *s, void *arg)
{
	(void)arg;
	s->done |= SETUP_TESTED;
	return setup_people_make(t, s);
}

static void write_message(struct buf *b, const struct setup *s, struct str to,
                          struct str message_id)
{
	build_field(b, STR("From"), s->address);
	build_field(b, STR("To"), to);
	build_text(b, STR("Subject"), STR("Your mail server works"));
	build_date(b, STR("Date"), clock_real_ms());
	build_field(b, STR("Message-ID"), message_id);
	build_field(b, STR("MIME-Version"), STR("1.0"));
	build_field(b, STR("Content-Type"), STR("text/plain; charset=utf-8"));
	buf_put(b,
	        STR("\r\nThis message was sent by the setup of your mail server. If you can read "
	            "it,\r\nmail goes out, or around within the house, as it should.\r\n"));
}

static enum err send(struct api_call *c, const struct setup *s, struct envelope_rcpt *to,
                     struct str to_text, struct str *message_id)
{
	const struct settings *settings = settings_ref(c->admin->live);
	char peer[ADDR_TEXT_MAX];
	struct delivery_message m = {
		.envelope = { .rcpts = to,
		              .rcpt_count = 1,
		              .submitter = s->account,
		              .session = { c->http->id, STR("setup"),
		                           addr_ip_text(&c->http->peer, peer) } },
		.ours = true,
	};
	struct buf b;
	enum err e = OK;

	buf_init(&b, MESSAGE_MAX);
	*message_id = build_message_id(c->arena, settings->hostname);
	write_message(&b, s, to_text, *message_id);
	m.body = buf_str(&b);
	if (!mailaddr_of(s->address, c->arena, 0, &m.envelope.sender))
		e = ERR_CORRUPT;
	if (e == OK)
		e = delivery_accept(c->admin->delivery, &m, &c->why);
	buf_deinit(&b);
	settings_unref(settings);
	return e;
}

/* --- what became of it ---------------------------------------------------------------------- */

struct following {
	struct arena *a;
	struct str message_id;
	struct trace trace; /* id 0: there is none */
};

static enum err look(struct txn *t, void *arg)
{
	struct following *f = arg;
	const struct trace_query query = { .text = f->message_id, .max = 1 };
	struct trace_list list;
	enum err e = trace_find(t, &query, f->a, &list);

	if (e == OK && list.count != 0)
		f->trace = list.items[0];
	return e;
}

/* Until it has come to something, or this takes too long. */
static enum err follow(struct api_call *c, struct following *f)
{
	int64_t deadline_ms = clock_mono_ms() + WAIT_MS;
	enum err e;

	for (;;) {
		e = store_read(c->admin->store, look, f);
		if (e != OK || f->trace.id == 0 || trace_state(&f->trace) != TRACE_STATE_QUEUED ||
		    clock_mono_ms() >= deadline_ms)
			return e;
		clock_sleep_ms(LOOK_MS);
	}
}

/* The last step of one of these kinds, in the words of whom it was with. */
static struct str words_of(const struct following *f, enum trace_what a, enum trace_what b)
{
	struct str found = STR_EMPTY;

	for (size_t i = 0; i < f->trace.step_count; i++)
		if (f->trace.steps[i].what == a || f->trace.steps[i].what == b)
			found = f->trace.steps[i].detail;
	return found;
}

static void judge(const struct following *f, struct str to, struct check *check)
{
	if (f->trace.id == 0) {
		check->state = DNS_STATE_UNKNOWN;
		check->seen = STR("it was sent; what became of it is not known, since "
		                  "ROOST_TRACE_DAYS is 0");
		check->advice = STR("look into the mailbox of the recipient");
		return;
	}
	switch (trace_state(&f->trace)) {
	case TRACE_STATE_DELIVERED:
		check->seen = words_of(f, TRACE_SENT, TRACE_SENT);
		if (check->seen.n == 0)
			check->seen = str_fmt(f->a, "it lies in the mailbox of %.*s", STR_ARG(to));
		return;
	case TRACE_STATE_REFUSED:
	case TRACE_STATE_FAILED:
	case TRACE_STATE_DROPPED:
		check->state = DNS_STATE_FAIL;
		check->seen = words_of(f, TRACE_FAILED, TRACE_REFUSED);
		check->advice =
			STR("that is the answer for good. Is the address right? If it speaks "
		            "of your server's address or name, see the third step: a "
		            "smarthost helps");
		return;
	case TRACE_STATE_DELAYED:
		check->state = DNS_STATE_WARN;
		check->seen = words_of(f, TRACE_DELAYED, TRACE_DELAYED);
		check->advice =
			STR("it is tried again by itself for days, and the console's queue shows "
		            "how it goes. Some servers make strangers wait; but when nobody "
		            "can be reached at all, port 25 may be closed: see the third step");
		return;
	case TRACE_STATE_QUEUED:
	case TRACE_STATE_HELD:
		check->state = DNS_STATE_WARN;
		check->seen = STR("it still waits to be taken");
		check->advice =
			STR("the other server is slow; the console's queue shows how it goes");
		return;
	}
}

enum err api_setup_test(struct api_call *c)
{
	struct check check = { .id = "test-mail",
		               .title = "Test message",
		               .expected = STR("the other server takes it") };
	struct setup_change change = { .call = c, .fn = make_people };
	struct following f = { .a = c->arena };
	struct str to_text = STR_EMPTY;
	struct envelope_rcpt to = { .notify = 0 };
	struct setup s;
	enum err e = api_setup_enter(c, &s);

	if (e != OK)
		return e;
	(void)json_str(json_get(c->body, "to"), &to_text);
	to_text = str_trim(to_text);
	if (!mailaddr_of(to_text, c->arena, 0, &to.address))
		return fail(&c->why, ERR_SYNTAX, "to: use an address like me@example.org");
	if ((e = api_setup_write(&change)))
		return e;
	e = send(c, &change.setup, &to, to_text, &f.message_id);
	if (e == ERR_MISSING || e == ERR_LIMIT) { /* no such local address, or no room */
		check.state = DNS_STATE_FAIL;
		check.seen = str_dup(c->arena, str_of(c->why.text));
		check.advice = STR("use the address of the owner, or a remote one");
	} else if (e != OK || (e = follow(c, &f)) != OK) {
		return e;
	} else {
		judge(&f, to_text, &check);
	}
	api_check_put(c->out, &check);
	return OK;
}
