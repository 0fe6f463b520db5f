/* protocols/jmap/types/submission.c: EmailSubmission (RFC 8621 7). */
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/history/sent.h"
#include "model/objects/objects.h"
#include "model/store/store.h"
#include "protocols/jmap/request/type.h"
#include "protocols/jmap/types/submission_row.h"

enum { SUBMISSION_FORM = 1 };

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

enum err submission_read(struct txn *t, uint32_t account, struct str id, struct submission *out)
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

const char *const submission_undo_names[] = { "pending", "final", "canceled" };

enum err submission_undo(struct txn *t, uint32_t account, uint64_t sent, size_t max,
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
		e = submission_undo(g->m.t, g->m.account, s->row.sent,
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

int64_t submission_seconds(int64_t ms)
{
	return ms - ms % 1000;
}

static enum err submission_put_send_at(struct jmap_get *g, const char *name, const void *object)
{
	json_put_time(g->out, name,
	              submission_seconds(((const struct shown *)object)->row.send_at_ms));
	return OK;
}

static enum err submission_put_undo(struct jmap_get *g, const char *name, const void *object)
{
	const struct shown *s = object;

	json_put_str(g->out, name, str_of(submission_undo_names[s->undo]));
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
