/* protocols/jmap/types/submission.c: EmailSubmission (RFC 8621 7). */
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/history/sent.h"
#include "model/objects/objects.h"
#include "model/queue/queue.h"
#include "model/queue/sent.h"
#include "model/store/store.h"
#include "protocols/jmap/request/type.h"
#include "protocols/jmap/types/submission_row.h"
#include "protocols/jmap/types/submission_send.h"

#include <stdlib.h>
#include <string.h>

enum { SUBMISSION_FORM = 1, ALSO_MAX = 4 << 20 };

/* --- Rows --- */

void submission_pack(struct buf *out, const struct submission *s)
{
	pack_u64(out, SUBMISSION_FORM);
	pack_str(out, s->identity);
	pack_u64(out, s->email);
	pack_u64(out, s->thread);
	pack_u64(out, s->sent);
	pack_u64(out, (uint64_t)s->created_ms);
	pack_u64(out, (uint64_t)s->send_at_ms);
	pack_str(out, s->envelope);
}

bool submission_unpack(struct str record, struct submission *out)
{
	struct unpack u = unpack_of(record);
	bool known = unpack_u64(&u) == SUBMISSION_FORM;

	out->identity = unpack_str(&u);
	out->email = unpack_u64(&u);
	out->thread = unpack_u64(&u);
	out->sent = unpack_u64(&u);
	out->created_ms = (int64_t)unpack_u64(&u);
	out->send_at_ms = (int64_t)unpack_u64(&u);
	out->envelope = unpack_str(&u);
	return known && unpack_ok(&u);
}

static enum err submission_read(struct txn *t, uint32_t account, struct str id,
                                struct submission *out)
{
	struct object o;
	enum err e;

	if (!jmap_id_parse(id, ID_SUBMISSION, account, &out->id))
		return ERR_MISSING;
	if ((e = object_get(t, account, OBJECT_SUBMISSION, out->id, &o)))
		return e;
	return submission_unpack(o.record, out) ? OK : ERR_CORRUPT;
}

/* --- Status --- */

enum undo { UNDO_PENDING, UNDO_FINAL, UNDO_CANCELED };
static const char *const undo_names[] = { "pending", "final", "canceled" };

/* Pending while no recipient has a final result and the queue has an entry. rcpts has at most max
 * recipients, in a. */
static enum err undo_get(struct txn *t, uint32_t account, uint64_t sent, size_t max,
                         struct arena *a, struct sent_rcpts *rcpts, enum undo *out)
{
	bool waits;
	enum err e = sent_waits(t, account, sent, &waits);

	*rcpts = (struct sent_rcpts){ 0 };
	if (!e)
		e = sent_rcpts_get(t, account, sent, max, a, rcpts);
	if (rcpts->total != 0 && rcpts->in_state[SENT_CANCELLED] == rcpts->total)
		*out = UNDO_CANCELED;
	else
		*out = waits && rcpts->in_state[SENT_DELIVERED] == 0 &&
		                       rcpts->in_state[SENT_BOUNCED] == 0
		               ? UNDO_PENDING
		               : UNDO_FINAL;
	return e;
}

/* --- EmailSubmission/get --- */

struct shown {
	struct submission row;
	enum undo undo;
	struct sent_rcpts rcpts;
};

enum { PROPERTY_UNDO = 6, PROPERTY_DELIVERY = 7 };

static enum err submission_all(struct jmap_get *g)
{
	struct object_walk walk;
	struct object o;

	object_walk_init(&walk, g->m.t, g->m.account, OBJECT_SUBMISSION, 0);
	for (size_t n = 0; n <= LIMIT_jmap_get && object_walk_next(&walk, &o); n++)
		jmap_get_add(g, jmap_id_text(g->arena, ID_SUBMISSION, g->m.account, o.id));
	return object_walk_end(&walk);
}

static enum err submission_load(struct jmap_get *g, struct str id, const void **object)
{
	struct shown *s = arena_new(g->object_arena, struct shown);
	enum err e = submission_read(g->m.t, g->m.account, id, &s->row);

	if (!e && (jmap_wants(g, PROPERTY_UNDO) || jmap_wants(g, PROPERTY_DELIVERY)))
		e = undo_get(g->m.t, g->m.account, s->row.sent,
		             jmap_wants(g, PROPERTY_DELIVERY) ? LIMIT_smtp_rcpts : 0,
		             g->object_arena, &s->rcpts, &s->undo);
	*object = s;
	return e;
}

static enum err submission_put_id(struct jmap_get *g, const char *name, const void *object)
{
	const struct shown *s = object;

	json_put_str(g->out, name,
	             jmap_id_text(g->object_arena, ID_SUBMISSION, g->m.account, s->row.id));
	return OK;
}

static enum err submission_put_identity(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct shown *)object)->row.identity);
	return OK;
}

static enum err submission_put_email(struct jmap_get *g, const char *name, const void *object)
{
	const struct shown *s = object;

	json_put_str(g->out, name,
	             jmap_id_text(g->object_arena, ID_EMAIL, g->m.account, s->row.email));
	return OK;
}

static enum err submission_put_thread(struct jmap_get *g, const char *name, const void *object)
{
	const struct shown *s = object;

	json_put_str(g->out, name,
	             jmap_id_text(g->object_arena, ID_THREAD, g->m.account, s->row.thread));
	return OK;
}

static enum err submission_put_envelope(struct jmap_get *g, const char *name, const void *object)
{
	json_put_raw(g->out, name, ((const struct shown *)object)->row.envelope);
	return OK;
}

/* A UTCDate (RFC 8620 1.4) has no fraction when it is zero: whole seconds. */
static int64_t whole_seconds(int64_t ms)
{
	return ms - ms % 1000;
}

static enum err submission_put_send_at(struct jmap_get *g, const char *name, const void *object)
{
	json_put_time(g->out, name,
	              whole_seconds(((const struct shown *)object)->row.send_at_ms));
	return OK;
}

static enum err submission_put_undo(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, str_of(undo_names[((const struct shown *)object)->undo]));
	return OK;
}

static bool submission_has_code(struct str reply)
{
	return reply.n > 3 && ascii_digit(reply.p[0]) && ascii_digit(reply.p[1]) &&
	       ascii_digit(reply.p[2]) && reply.p[3] == ' ';
}

/* The SMTP reply of a recipient; *remote: another server gave it, whose name is before it. Without
 * a reply, one in the form of RFC 8621 7. */
static struct str smtp_reply(const struct sent_rcpt *r, struct arena *a, bool *remote)
{
	static const char *const codes[SENT_STATES] = {
		[SENT_QUEUED] = "250 2.0.0 queued",
		[SENT_DELAYED] = "450 4.0.0 delayed",
		[SENT_DELIVERED] = "250 2.1.5 delivered",
		[SENT_BOUNCED] = "550 5.0.0 failed",
		[SENT_CANCELLED] = "550 5.0.0 canceled by the sender",
		[SENT_DROPPED] = "550 5.7.1 removed by an administrator",
		[SENT_REFUSED] = "550 5.0.0 refused",
	};
	ptrdiff_t colon = str_find(r->reply, STR(": "));
	struct str rest = colon < 0 ? STR_EMPTY
	                            : str_sub(r->reply, (size_t)colon + 2, r->reply.n);

	*remote = !submission_has_code(r->reply) && submission_has_code(rest);
	if (submission_has_code(r->reply))
		return r->reply;
	if (*remote)
		return rest;
	return r->reply.n == 0 ? str_of(codes[r->state])
	                       : str_fmt(a, "%.9s %.*s", codes[r->state], STR_ARG(r->reply));
}

/* A remote server that accepted the message may still return it. */
static const char *submission_delivered(enum sent_state state, bool remote)
{
	if (state == SENT_QUEUED || state == SENT_DELAYED)
		return "queued";
	if (state == SENT_DELIVERED)
		return remote ? "unknown" : "yes";
	return "no";
}

static enum err submission_put_delivery(struct jmap_get *g, const char *name, const void *object)
{
	const struct shown *s = object;

	if (s->rcpts.total == 0) {
		json_put_null(g->out, name);
		return OK;
	}
	json_open(g->out, name, '{');
	for (size_t i = 0; i < s->rcpts.count; i++) {
		const struct sent_rcpt *r = &s->rcpts.items[i];
		bool remote;
		struct str reply = smtp_reply(r, g->object_arena, &remote);

		json_put_name(g->out, r->address);
		json_open(g->out, NULL, '{');
		json_put_str(g->out, "smtpReply", reply);
		json_put_str(g->out, "delivered", str_of(submission_delivered(r->state, remote)));
		json_put_str(g->out, "displayed", STR("unknown"));
		json_close(g->out);
	}
	json_close(g->out);
	return OK;
}

static enum err submission_put_empty(struct jmap_get *g, const char *name, const void *object)
{
	(void)object;
	json_open(g->out, name, '[');
	json_close(g->out);
	return OK;
}

/* --- State and changes --- */

static enum err submission_state(const struct mail_txn *m, uint64_t *modseq)
{
	return objects_modseq(m->t, m->account, OBJECT_SUBMISSION, modseq);
}

static struct str *ids_text(const struct jmap_changes *c, const uint64_t *ids, size_t n)
{
	struct str *out = arena_array(c->call->arena, struct str, n);

	for (size_t i = 0; i < n; i++)
		out[i] = jmap_id_text(c->call->arena, ID_SUBMISSION, c->m.account, ids[i]);
	return out;
}

static enum err submission_changes(struct jmap_changes *c)
{
	struct objects_changed found;
	enum err e = objects_changed(c->m.t, c->m.account, OBJECT_SUBMISSION, c->since, c->max,
	                             c->call->arena, &found);

	if (e)
		return e;
	c->created = ids_text(c, found.created, found.created_count);
	c->updated = ids_text(c, found.updated, found.updated_count);
	c->destroyed = ids_text(c, found.destroyed, found.destroyed_count);
	c->created_count = found.created_count;
	c->updated_count = found.updated_count;
	c->destroyed_count = found.destroyed_count;
	c->modseq = found.modseq;
	c->more = found.more;
	return OK;
}

/* --- EmailSubmission/set --- */

/* An object that was created, updated or destroyed, for the implicit Email/set. */
struct done {
	struct str id;
	uint64_t email;
	struct done *next;
};

static void done_add(struct jmap_set *s, struct str id, uint64_t email)
{
	struct done *d = arena_new(s->arena, struct done);

	*d = (struct done){ str_dup(s->arena, id), email, s->state };
	s->state = d;
}

static enum err submission_create(struct jmap_set *s, struct json object, struct str *id)
{
	struct sending send = { .call = s->call, .envelope = json_get(object, "envelope") };
	enum err e;

	if (json_kind(json_get(object, "undoStatus")) != JSON_MISSING)
		return jmap_set_refuse(s, "invalidProperties", "undoStatus",
		                       "undoStatus is set by the server");
	(void)json_str(json_get(object, "identityId"), &send.identity_id);
	(void)json_str(json_get(object, "emailId"), &send.email_id);
	e = submission_send(&send);
	if (e == ERR_DENIED) {
		e = jmap_set_refuse(s, send.error, send.property, "%s", send.why.text);
		if (send.detail_name != NULL)
			jmap_set_detail(s, send.detail_name, send.detail);
		return e;
	}
	if (e)
		return e;
	*id = jmap_id_text(s->arena, ID_SUBMISSION, s->call->account, send.object);
	json_put_str(s->out, "threadId",
	             jmap_id_text(s->arena, ID_THREAD, s->call->account, send.thread));
	json_put_time(s->out, "sendAt",
	              whole_seconds(MAX(send.made.release_ms, send.created_ms)));
	if (json_kind(send.envelope) != JSON_OBJECT)
		json_put_raw(s->out, "envelope", send.made.text);
	done_add(s, *id, send.email);
	return OK;
}

/* One call of update or destroy. */
struct change {
	struct jmap_set *set;
	struct str id;
	bool cancel, destroy;
	struct submission row;
	bool late; /* it cannot be canceled any more */
};

static enum err cancel_write(struct txn *t, struct change *c)
{
	const struct jmap_call *call = c->set->call;
	struct sent_rcpts rcpts;
	enum undo undo;
	size_t count;
	bool waits;
	enum err e = undo_get(t, call->account, c->row.sent, 0, txn_arena(t), &rcpts, &undo);

	if (e || undo == UNDO_CANCELED)
		return e;
	c->late = undo == UNDO_FINAL;
	if (c->late)
		return OK;
	e = queue_sent_cancel(call->server->queue, t, call->account, c->row.sent, &count);
	if (!e)
		e = sent_waits(t, call->account, c->row.sent, &waits);
	if (!e && waits) { /* an entry is being tried: undo what was canceled */
		c->late = true;
		return ERR_CONFLICT;
	}
	return e;
}

static enum err submission_change_write(struct txn *t, void *arg)
{
	struct change *c = arg;
	const struct jmap_call *call = c->set->call;
	enum err e = submission_read(t, call->account, c->id, &c->row);

	c->late = false;
	if (!e && c->cancel)
		e = cancel_write(t, c);
	if (!e && c->destroy)
		e = object_remove(t, call->account, OBJECT_SUBMISSION, c->row.id);
	return e;
}

static enum err submission_update(struct jmap_set *s, struct str id, const struct jmap_patch *patch)
{
	struct change c = { .set = s, .id = id };
	struct str status;
	enum err e;

	if (json_str(jmap_patch_get(patch, "undoStatus"), &status)) {
		if (!str_eq(status, STR("canceled")))
			return jmap_set_refuse(s, "invalidProperties", "undoStatus",
			                       "undoStatus can only be set to \"canceled\"");
		c.cancel = true;
	}
	if ((e = queue_clock_look(s->call->server->queue, NULL)))
		return e;
	e = store_write(s->call->server->store, submission_change_write, &c, NULL);
	if (c.late)
		return jmap_set_refuse(s, "cannotUnsend", NULL,
		                       "the message has left the queue, or is being sent");
	if (!e)
		done_add(s, id, c.row.email);
	return e;
}

static enum err submission_destroy(struct jmap_set *s, struct str id)
{
	struct change c = { .set = s, .id = id, .destroy = true };
	enum err e = store_write(s->call->server->store, submission_change_write, &c, NULL);

	if (!e)
		done_add(s, id, c.row.email);
	return e;
}

static const struct done *done_find(const struct jmap_set *s, struct str key)
{
	struct str id = jmap_id_resolve(s->call, key);

	for (const struct done *d = s->state; d != NULL; d = d->next)
		if (str_eq(d->id, id))
			return d;
	return NULL;
}

/* RFC 8621 7.5: "a single implicit "Email/set" call MUST be made". */
static void submission_done(struct jmap_set *s, bool committed)
{
	struct json_iter update = json_iter(jmap_arg(s->call, "onSuccessUpdateEmail"));
	struct json_iter destroy = json_iter(jmap_arg(s->call, "onSuccessDestroyEmail"));
	const struct done *d;
	struct json_writer w;
	struct buf b;
	bool any = false;

	if (!committed)
		return;
	buf_init(&b, ALSO_MAX);
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	json_put_str(&w, "accountId", jmap_arg_str(s->call, "accountId"));
	json_open(&w, "update", '{');
	while (json_next(&update))
		if ((d = done_find(s, update.name)) != NULL) {
			any = true;
			json_put_name(&w, jmap_id_text(s->arena, ID_EMAIL, s->call->account,
			                               d->email));
			json_put_value(&w, NULL, update.value);
		}
	json_close(&w);
	json_open(&w, "destroy", '[');
	while (json_next(&destroy)) {
		struct str key;

		if (json_str(destroy.value, &key) && (d = done_find(s, key)) != NULL) {
			any = true;
			json_put_str(&w, NULL, jmap_id_text(s->arena, ID_EMAIL, s->call->account,
			                                    d->email));
		}
	}
	json_close(&w);
	json_close(&w);
	if (any && buf_ok(&b))
		jmap_call_also(s->call, "Email/set", buf_str(&b));
	buf_deinit(&b);
}

/* --- EmailSubmission/query --- */

struct row {
	struct submission s;
	enum undo undo;
	const struct jmap_query *q;
};

static bool submission_lists(struct json condition, const char *name, struct str id)
{
	struct json list = json_get(condition, name);
	struct json_iter it = json_iter(list);
	struct str one;

	if (json_kind(list) != JSON_ARRAY)
		return true;
	while (json_next(&it))
		if (json_str(it.value, &one) && str_eq(one, id))
			return true;
	return false;
}

static bool submission_row_match(struct json condition, void *arg)
{
	const struct row *r = arg;
	struct arena *a = r->q->arena;
	uint32_t account = r->q->m.account;
	struct str status;
	int64_t ms;

	return submission_lists(condition, "identityIds", r->s.identity) &&
	       submission_lists(condition, "emailIds",
	                        jmap_id_text(a, ID_EMAIL, account, r->s.email)) &&
	       submission_lists(condition, "threadIds",
	                        jmap_id_text(a, ID_THREAD, account, r->s.thread)) &&
	       (!json_str(json_get(condition, "undoStatus"), &status) ||
	        str_eq(status, str_of(undo_names[r->undo]))) &&
	       (!json_time(json_get(condition, "before"), &ms) ||
	        whole_seconds(r->s.send_at_ms) < ms) &&
	       (!json_time(json_get(condition, "after"), &ms) ||
	        whole_seconds(r->s.send_at_ms) >= ms);
}

static int submission_number_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int submission_row_compare(const void *one, const void *other)
{
	const struct row *a = one, *b = other;

	for (size_t i = 0; i < a->q->sort_count; i++) {
		const struct jmap_sort *s = &a->q->sorts[i];
		int order = strcmp(s->property, "emailId") == 0
		                    ? submission_number_compare(a->s.email, b->s.email)
		            : strcmp(s->property, "threadId") == 0
		                    ? submission_number_compare(a->s.thread, b->s.thread)
		                    : submission_number_compare((uint64_t)a->s.send_at_ms,
		                                     (uint64_t)b->s.send_at_ms);

		if (order != 0)
			return s->ascending ? order : -order;
	}
	return submission_number_compare(a->s.id, b->s.id);
}

static enum err submission_rows_read(struct jmap_query *q, struct row *rows, size_t max, size_t *n)
{
	struct object_walk walk;
	struct arena scratch = { 0 };
	struct object o;
	enum err e = OK, walked;

	object_walk_init(&walk, q->m.t, q->m.account, OBJECT_SUBMISSION, 0);
	while (!e && *n < max && object_walk_next(&walk, &o)) {
		struct row *r = &rows[*n];
		struct sent_rcpts rcpts;

		*r = (struct row){ .s.id = o.id, .q = q };
		if (!submission_unpack(o.record, &r->s))
			e = ERR_CORRUPT;
		else
			e = undo_get(q->m.t, q->m.account, r->s.sent, 0, &scratch, &rcpts,
			             &r->undo);
		arena_reset(&scratch);
		*n += !e && jmap_filter_match(q, submission_row_match, r);
	}
	walked = object_walk_end(&walk);
	arena_deinit(&scratch);
	return e ? e : walked;
}

static enum err submission_query(struct jmap_query *q)
{
	struct row *rows;
	uint64_t count;
	size_t n = 0;
	enum err e = objects_count(q->m.t, q->m.account, OBJECT_SUBMISSION, &count);

	if (e)
		return e;
	rows = arena_array(q->arena, struct row, count);
	if ((e = submission_rows_read(q, rows, count, &n)))
		return e;
	if (n > 1)
		qsort(rows, n, sizeof *rows, submission_row_compare);
	q->ids = arena_array(q->arena, struct str, n);
	for (size_t i = 0; i < n; i++)
		q->ids[i] = jmap_id_text(q->arena, ID_SUBMISSION, q->m.account, rows[i].s.id);
	q->id_count = n;
	return OK;
}

/* --- The type --- */

static const struct jmap_property submission_properties[] = {
	{ "id", FORM_ID, SERVER_SET | IMMUTABLE, submission_put_id },
	{ "identityId", FORM_ID, NEEDED | IMMUTABLE, submission_put_identity },
	{ "emailId", FORM_ID, NEEDED | IMMUTABLE, submission_put_email },
	{ "threadId", FORM_ID, SERVER_SET | IMMUTABLE, submission_put_thread },
	{ "envelope", FORM_OBJECT, OR_NULL | IMMUTABLE, submission_put_envelope },
	{ "sendAt", FORM_UTC_DATE, SERVER_SET | IMMUTABLE, submission_put_send_at },
	[PROPERTY_UNDO] = { "undoStatus", FORM_STRING, 0, submission_put_undo },
	[PROPERTY_DELIVERY] = { "deliveryStatus", FORM_OBJECT, MAP | OR_NULL | SERVER_SET,
	                        submission_put_delivery },
	{ "dsnBlobIds", FORM_ID, LIST | SERVER_SET, submission_put_empty },
	{ "mdnBlobIds", FORM_ID, LIST | SERVER_SET, submission_put_empty },
};

static const struct jmap_argument submission_set_arguments[] = {
	{ "onSuccessUpdateEmail", FORM_OBJECT, MAP | ID_KEYS | OR_NULL, 0 },
	{ "onSuccessDestroyEmail", FORM_ID, LIST | OR_NULL, 0 },
};

static const struct jmap_argument submission_conditions[] = {
	{ "identityIds", FORM_ID, LIST, 0 }, { "emailIds", FORM_ID, LIST, 0 },
	{ "threadIds", FORM_ID, LIST, 0 },   { "undoStatus", FORM_STRING, 0, 0 },
	{ "before", FORM_UTC_DATE, 0, 0 },   { "after", FORM_UTC_DATE, 0, 0 },
};

/* "sentAt" is the name in RFC 8621 7.3, and "sendAt" that of the property. */
static const char *const submission_sorts[] = { "emailId", "threadId", "sentAt", "sendAt", NULL };

const struct jmap_type jmap_type_submission = {
	.name = "EmailSubmission",
	.capability = CAP_SUBMISSION,
	.scope = JMAP_SUBMISSION,
	.own_only = true,
	.properties = submission_properties,
	.property_count = COUNT(submission_properties),
	.all = submission_all,
	.load = submission_load,
	.state = submission_state,
	.changes = submission_changes,
	.set_alone = true,
	.set_arguments = submission_set_arguments,
	.set_argument_count = COUNT(submission_set_arguments),
	.create = submission_create,
	.update = submission_update,
	.destroy = submission_destroy,
	.set_done = submission_done,
	.conditions = submission_conditions,
	.condition_count = COUNT(submission_conditions),
	.sorts = submission_sorts,
	.query = submission_query,
};
