/* protocols/jmap/types/submission_set.c: EmailSubmission/set (RFC 8621 7.5). */
#include "model/objects/objects.h"
#include "model/queue/queue.h"
#include "model/queue/sent.h"
#include "model/store/store.h"
#include "protocols/jmap/request/type.h"
#include "protocols/jmap/types/email_also.h"
#include "protocols/jmap/types/submission_row.h"
#include "protocols/jmap/types/submission_send.h"

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

enum err submission_create(struct jmap_set *s, struct json object, struct str *id)
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
	              submission_seconds(MAX(send.made.release_ms, send.created_ms)));
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
	enum err e = submission_undo(t, call->account, c->row.sent, 0, txn_arena(t), &rcpts, &undo);

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

enum err submission_update(struct jmap_set *s, struct str id, const struct jmap_patch *patch)
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

enum err submission_destroy(struct jmap_set *s, struct str id)
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
void submission_done(struct jmap_set *s, bool committed)
{
	struct json updates = jmap_arg(s->call, "onSuccessUpdateEmail");
	struct json destroys = jmap_arg(s->call, "onSuccessDestroyEmail");
	struct json_iter update = json_iter(updates), destroy = json_iter(destroys);
	struct email_also also = {
		.updates = arena_array(s->arena, struct email_patch, json_count(updates)),
		.destroys = arena_array(s->arena, uint64_t, json_count(destroys)),
	};
	const struct done *d;
	struct str key;

	if (!committed)
		return;
	while (json_next(&update))
		if ((d = done_find(s, update.name)) != NULL)
			also.updates[also.update_count++] =
				(struct email_patch){ d->email, update.value };
	while (json_next(&destroy))
		if (json_str(destroy.value, &key) && (d = done_find(s, key)) != NULL)
			also.destroys[also.destroy_count++] = d->email;
	email_also_call(s->call, &also);
}
