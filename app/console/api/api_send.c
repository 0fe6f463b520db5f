/* console/api/api_send.c: API submissions: POST /api/send, their state, and cancellation. */
#include "console/api/api_private.h"

#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "flow/submission/submit_sent.h"
#include "formats/message/dsn.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/text/utf8.h"
#include "model/directory/directory.h"
#include "model/queue/queue.h"
#include "model/queue/sent.h"
#include "model/store/store.h"

enum { ANSWER_MAX = 1 << 20 };

/* The account that sends. */
struct sender {
	struct api_call *call;
	uint32_t account;
	struct str address;
	bool change; /* the call changes what the account has sent */
};

/* One submission. */
struct sending {
	struct api_call *call;
	struct sender who;
	struct send_message message;
	struct submit submit;
	struct sent_new new;
	struct sent_key key;
	struct sent_rcpt *rcpts;
	struct buf answer; /* JSON */
};

/* --- the account -------------------------------------------------------------------------- */

static enum err sender_get(struct txn *t, void *arg)
{
	struct sender *w = arg;
	struct account account;
	enum err e = account_find(t, w->call->parameter[0], w->call->arena, &account);

	if (e == OK && !account.logins)
		return fail(&w->call->why, ERR_CONFLICT,
		            "logins of this account are off, so it cannot send");
	w->account = e == OK ? account.id : 0;
	w->address = e == OK ? account.address : STR_EMPTY;
	return e == ERR_MISSING ? fail(&w->call->why, e, "there is no such account") : e;
}

/* The caller, or with as the account that the path names. */
static enum err sender_of(struct api_call *c, bool as, struct sender *out)
{
	*out = (struct sender){ .call = c, .account = c->who.account, .address = c->who.address };
	return as ? store_read(c->admin->store, sender_get, out) : OK;
}

/* The account whose messages the path names; a disabled one as well, so its mail can be
 * cancelled. */
static enum err owner_get(struct txn *t, void *arg)
{
	struct sender *w = arg;
	struct account account;
	enum err e = people_account(t, w->call, w->call->parameter[0], w->change, &account);

	w->account = e == OK ? account.id : 0;
	w->address = e == OK ? str_dup(w->call->arena, account.address) : STR_EMPTY;
	return e;
}

static enum err owner_of(struct api_call *c, bool as, bool change, struct sender *out)
{
	*out = (struct sender){ c, c->who.account, c->who.address, change };
	return as ? store_read(c->admin->store, owner_get, out) : OK;
}

/* --- repeated requests --------------------------------------------------------------------- */

static void key_make(struct sending *s)
{
	static const char *const arguments[] = { "to",       "from",   "send_at",
		                                 "priority", "notify", "tag" };
	struct str parts[COUNT(arguments) + 1] = { s->call->http->body };

	for (size_t i = 0; i < COUNT(arguments); i++)
		parts[i + 1] = api_argument(s->call, arguments[i]);
	submit_key_make(s->message.wishes.key, parts, COUNT(parts), &s->key);
}

/* OK: this is a repetition, and the earlier response is written. ERR_MISSING: it is new. */
static enum err repetition_answer(struct sending *s)
{
	struct api_call *c = s->call;
	struct str response;
	enum err e = ERR_MISSING;

	if (s->message.wishes.key.n != 0)
		e = submit_key_find(c->admin->store, s->who.account, &s->key, c->arena, &response,
		                    &c->why);
	if (e)
		return e;
	http_set(c->response, "Idempotency-Replayed", STR("true"));
	c->response->status = 202;
	json_put_raw(c->out, NULL, response);
	return OK;
}

/* --- sending ------------------------------------------------------------------------------- */

static void submit_fill(struct sending *s, const struct settings *settings)
{
	static const struct addr here = { .family = ADDR_V4, .ip = { 127, 0, 0, 1 } };
	struct api_call *c = s->call;
	const struct send_wishes *w = &s->message.wishes;

	s->submit = (struct submit){
		.delivery = c->admin->delivery,
		.policy = c->admin->policy,
		.settings = settings,
		.peer = c->http->local ? here : c->http->peer,
		.tls = c->http->tls ? STR("TLS") : STR_EMPTY,
		.login = s->who.address,
		.rcpts = arena_array(c->arena, struct submit_rcpt, w->rcpts.count),
		.rcpt_count = w->rcpts.count,
		.body = buf_str(&s->message.text),
		.envelope = { .sender = s->message.from,
		              .submitter = s->who.account,
		              .session.id = c->http->id,
		              .flags = s->message.utf8 ? ENVELOPE_UTF8 : 0u,
		              .not_before_ms = w->send_at_ms > clock_real_ms() ? w->send_at_ms : 0,
		              .priority = (int8_t)w->priority },
	};
	for (size_t i = 0; i < w->rcpts.count; i++) {
		struct envelope_rcpt *r = &s->submit.rcpts[i].rcpt;

		r->address = w->rcpts.items[i].address;
		/* Delivery status notifications name the address that the client gave. */
		r->orcpt = dsn_orcpt_of(c->arena, &r->address);
		r->notify = w->notify;
	}
}

/* Leaves the object open. */
static void put_sent(struct json_writer *w, const struct sent *s, struct arena *a)
{
	json_open(w, NULL, '{');
	json_put_str(w, "id", str_fmt(a, "%" PRIu64, s->id));
	json_put_str(w, "message_id", s->message_id);
	json_put_str(w, "from", s->from);
	json_put_time(w, "created", s->created_ms);
	json_put_time(w, "send_at", s->send_at_ms);
	json_put_str(w, "tag", s->tag);
	json_put_raw(w, "metadata", s->metadata.n != 0 ? s->metadata : STR("{}"));
}

void send_rcpts_put(struct json_writer *w, const struct sent_rcpt *rcpts, size_t count)
{
	json_open(w, "to", '[');
	for (size_t i = 0; i < count; i++) {
		json_open(w, NULL, '{');
		json_put_str(w, "address", rcpts[i].address);
		json_put_str(w, "state", str_of(sent_state_name(rcpts[i].state)));
		json_put_time(w, "changed", rcpts[i].time_ms);
		json_put_str(w, "reply", rcpts[i].reply);
		json_put_bool(w, "stopped", rcpts[i].stopped);
		json_close(w);
	}
	json_close(w);
}

static void answer_make(struct sending *s)
{
	struct json_writer w;

	json_writer_init(&w, &s->answer);
	put_sent(&w, &s->new.sent, s->call->arena);
	send_rcpts_put(&w, s->rcpts, s->new.rcpt_count);
	json_close(&w);
}

/* The recipients have their answers: the record and the response. */
static const struct sent_new *sent_make(struct submit *submit, void *arg)
{
	struct sending *s = arg;
	struct arena *a = s->call->arena;

	s->rcpts = arena_array(a, struct sent_rcpt, submit->rcpt_count);
	for (size_t i = 0; i < submit->rcpt_count; i++)
		s->rcpts[i].address = mailaddr_text(a, &s->message.wishes.rcpts.items[i].address);
	submit_sent_make(submit, s->rcpts, a, &s->new);
	s->new.sent.message_id = s->message.message_id;
	s->new.sent.tag = s->message.wishes.tag;
	s->new.sent.metadata = s->message.wishes.metadata;
	answer_make(s);
	s->key.answer = buf_str(&s->answer);
	if (s->message.wishes.key.n != 0)
		s->new.key = &s->key;
	return &s->new;
}

/* An SMTP reply as an HTTP response. */
static enum err refused(struct api_call *c, const struct submit_answer *answer)
{
	struct str text = submit_answer_text(c->arena, answer);

	if (answer->code / 100 == 4) {
		bool soon = str_eq(answer->enhanced, STR("4.3.2")); /* all slots are in use */

		http_set(c->response, "Retry-After", soon ? STR("10") : STR("300"));
		return api_refuse(c, 503, "retry", "%.*s", STR_ARG(text));
	}
	if (answer->code == 553) /* the sender address is not the account's */
		return fail(&c->why, ERR_DENIED, "%.*s", STR_ARG(text));
	return api_refuse(c, 422, "refused", "%.*s", STR_ARG(text));
}

static enum err submit(struct sending *s)
{
	struct api_call *c = s->call;
	struct submit_answer answer;
	enum err e;

	s->submit.sent = sent_make;
	s->submit.arg = s;
	e = submit_run(&s->submit, c->arena, &answer);
	if (e == ERR_DENIED)
		return refused(c, &answer);
	if (e == ERR_CONFLICT) { /* a concurrent request with this key was first */
		e = repetition_answer(s);
		return e == ERR_MISSING ? ERR_RETRY : e;
	}
	c->response->status = 202;
	json_put_raw(c->out, NULL, buf_str(&s->answer));
	return OK;
}

static enum err note_as(struct txn *t, void *arg)
{
	const struct sending *s = arg;

	return api_audit(t, s->call, "account.send", s->who.address, STR_EMPTY, STR_EMPTY);
}

static enum err send(struct api_call *c, bool as)
{
	const struct settings *settings = settings_ref(c->admin->live);
	struct sending s = { .call = c };
	enum err e;

	buf_init(&s.answer, ANSWER_MAX);
	e = send_message_read(c, settings, &s.message);
	if (e == OK)
		e = sender_of(c, as, &s.who);
	if (e == OK) {
		key_make(&s);
		e = repetition_answer(&s);
		if (e == ERR_MISSING) {
			submit_fill(&s, settings);
			e = as ? store_write(c->admin->store, note_as, &s, &c->why) : OK;
			e = e == OK ? submit(&s) : e;
		}
	}
	buf_deinit(&s.message.text);
	buf_deinit(&s.answer);
	settings_unref(settings);
	return e;
}

enum err api_send(struct api_call *c)
{
	return send(c, false);
}

enum err api_send_as(struct api_call *c)
{
	return send(c, true);
}

/* --- state and cancellation ---------------------------------------------------------------- */

struct lookup {
	struct api_call *call;
	struct sender who;
	uint64_t id;
	struct sent sent;
	struct sent_rcpts rcpts;
	size_t cancelled;
};

static enum err lookup_get(struct txn *t, void *arg)
{
	struct lookup *l = arg;
	struct arena *a = l->call->arena;
	enum err e = sent_get(t, l->who.account, l->id, a, &l->sent);

	return e == OK ? sent_rcpts_get(t, l->who.account, l->id, LIMIT_smtp_rcpts, a, &l->rcpts)
	               : e;
}

static enum err lookup_begin(struct api_call *c, bool as, bool change, struct lookup *l)
{
	struct cur cur = cur_of(c->parameter[as ? 1 : 0]);

	*l = (struct lookup){ .call = c };
	if (!cur_u64(&cur, &l->id) || !cur_done(&cur))
		return ERR_MISSING;
	return owner_of(c, as, change, &l->who);
}

static enum err lookup_answer(struct lookup *l, enum err e)
{
	struct api_call *c = l->call;

	if (e == ERR_MISSING)
		return fail(&c->why, e,
		            "the message does not exist, or its state is no longer stored");
	if (e)
		return e;
	put_sent(c->out, &l->sent, c->arena);
	send_rcpts_put(c->out, l->rcpts.items, l->rcpts.count);
	json_close(c->out);
	return OK;
}

static enum err status(struct api_call *c, bool as)
{
	struct lookup l;
	enum err e = lookup_begin(c, as, false, &l);

	if (e == OK)
		e = store_read(c->admin->store, lookup_get, &l);
	return lookup_answer(&l, e);
}

enum err api_send_get(struct api_call *c)
{
	return status(c, false);
}

enum err api_send_as_get(struct api_call *c)
{
	return status(c, true);
}

/* Only the queue knows its pending recipients: an alias in state delivered may have further
 * recipients that are queued. */
static enum err cancel_write(struct txn *t, void *arg)
{
	struct lookup *l = arg;
	struct api_call *c = l->call;
	enum err e = sent_get(t, l->who.account, l->id, c->arena, &l->sent);

	if (e == OK)
		e = queue_sent_cancel(c->admin->queue, t, l->who.account, l->id, &l->cancelled);
	if (e == OK && l->cancelled == 0)
		return fail(txn_why(t), ERR_CONFLICT,
		            "too late: the message has left the queue, or is being sent");
	if (e == OK && c->who.account != l->who.account)
		e = api_audit(t, c, "account.send_cancel", l->who.address, STR_EMPTY, STR_EMPTY);
	return e == OK ? lookup_get(t, l) : e;
}

static enum err cancel(struct api_call *c, bool as)
{
	struct lookup l;
	enum err e = lookup_begin(c, as, true, &l);

	if (e == OK)
		e = queue_clock_look(c->admin->queue, &c->why);
	if (e == OK)
		e = store_write(c->admin->store, cancel_write, &l, &c->why);
	return lookup_answer(&l, e);
}

enum err api_send_cancel(struct api_call *c)
{
	return cancel(c, false);
}

enum err api_send_as_cancel(struct api_call *c)
{
	return cancel(c, true);
}
