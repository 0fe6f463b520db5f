/* protocols/jmap/types/email_set.c: see email_set.h. */
#include "protocols/jmap/types/email_set.h"

#include "formats/message/received.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/mailbox/changed.h"
#include "model/mailbox/email/email_new.h"
#include "model/mailbox/placement.h"
#include "model/store/store.h"
#include "protocols/jmap/blobs/blob.h"
#include "protocols/jmap/types/email_compose.h"
#include "protocols/jmap/types/email_place.h"
#include "protocols/jmap/types/header_property.h"
#include "protocols/jmap/types/keyword.h"

/* A message that is stored by the call: jmap_set.prepared. */
struct email_made {
	struct email_new *email;
	int64_t received_ms; /* by default */
	struct str *keywords; /* of the original of a copy, by default */
	size_t keyword_count;
	struct email_made *next;
};

struct email_setting {
	struct email_made *made;
	size_t bytes; /* of all their messages */
	struct email_edit *edits;
	size_t *laters; /* of jmap_set_later, for each edit */
	size_t n, room;
};

/* --- Before the transaction --- */

enum err email_set_prepare(struct jmap_set *s)
{
	s->state = arena_new(s->arena, struct email_setting);
	return OK;
}

void email_set_done(struct jmap_set *s, bool committed)
{
	struct email_setting *x = s->state;

	(void)committed;
	for (struct email_made *m = x ? x->made : NULL; m != NULL; m = m->next)
		email_new_free(&m->email);
}

static enum err too_large(struct jmap_set *s)
{
	return jmap_set_refuse(s, "tooLarge", NULL,
	                       "the messages of one call may have %d bytes together",
	                       LIMIT_jmap_messages);
}

/* Room for the next message of the call. */
static void message_begin(const struct jmap_set *s, struct buf *out)
{
	const struct email_setting *x = s->state;

	buf_init(out, MAX((size_t)LIMIT_jmap_messages - x->bytes, (size_t)1));
}

/* Prepares the message for the store, and frees it. */
static enum err message_end(struct jmap_set *s, enum err e, struct buf *message)
{
	const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct email_made *made = arena_new(s->arena, struct email_made);
	struct email_setting *x = s->state;
	struct str bytes = buf_str(message);
	struct why why;

	if (e == OK && !buf_ok(message))
		e = ERR_LIMIT;
	if (e == OK)
		e = email_prepare(s->call->server->store, &bytes, 1, &limits, &made->email, &why);
	if (e == OK) {
		made->received_ms = clock_real_ms();
		(void)received_time(bytes, &made->received_ms);
		made->next = x->made;
		x->made = made;
		x->bytes += bytes.n;
		s->prepared = made;
	}
	buf_deinit(message);
	return e == ERR_LIMIT ? too_large(s) : e;
}

/* --- Composing --- */

static bool blob_known(const struct composing *c, struct str id)
{
	for (size_t i = 0; i < c->blob_count; i++)
		if (str_eq(c->blobs[i].id, id))
			return true;
	return false;
}

/* "blobNotFound", with all ids that were not found (RFC 8621 4.6). */
static enum err blobs_missing(struct jmap_set *s, const struct str *ids, size_t n)
{
	enum err e = jmap_set_refuse(s, "blobNotFound", NULL, "a blob of a part does not exist");
	struct json_writer w;
	struct buf list;

	buf_init(&list, LIMIT_jmap_request);
	json_writer_init(&w, &list);
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < n; i++)
		json_put_str(&w, NULL, ids[i]);
	json_close(&w);
	jmap_set_detail(s, "notFound", buf_str(&list));
	buf_deinit(&list);
	return e;
}

/* The blobs of the parts, each read once. */
static enum err blobs_read(struct jmap_set *s, struct composing *c, struct buf *bytes)
{
	struct compose_blob *blobs;
	struct str *ids, *missing;
	size_t n, *ends, at = 0, missing_count = 0;
	enum err e = compose_blob_ids(c, &ids, &n);

	if (e)
		return e;
	c->blobs = blobs = arena_array(c->arena, struct compose_blob, n);
	ends = arena_array(c->arena, size_t, n);
	missing = arena_array(c->arena, struct str, n);
	for (size_t i = 0; i < n; i++) {
		if (blob_known(c, ids[i]))
			continue;
		e = jmap_blob_read(s->call->server, s->call->caller,
		                   jmap_id_resolve(s->call, ids[i]), c->arena, bytes, NULL);
		if (e == ERR_MISSING)
			missing[missing_count++] = ids[i];
		else if (e)
			return e;
		ends[c->blob_count] = bytes->n;
		blobs[c->blob_count++].id = ids[i];
	}
	for (size_t i = 0; i < c->blob_count; i++) { /* bytes does not move any more */
		blobs[i].bytes = str_sub(buf_str(bytes), at, ends[i]);
		at = ends[i];
	}
	return missing_count ? blobs_missing(s, missing, missing_count) : OK;
}

static struct str domain_of(struct str address)
{
	ptrdiff_t at = str_rfind_byte(address, '@');

	return str_sub(address, (size_t)(at + 1), address.n);
}

static enum err compose(struct jmap_set *s, struct json object, struct arena *a, struct buf *blobs,
                        struct buf *message)
{
	struct composing c = { .email = object,
		               .domain = domain_of(s->call->caller->address),
		               .now_ms = clock_real_ms(),
		               .arena = a };
	enum err e = blobs_read(s, &c, blobs);

	if (e == OK)
		e = email_compose(&c, message);
	if (e == ERR_SYNTAX && c.refusal.why.text[0] != '\0')
		return jmap_set_refuse(s, "invalidProperties", str_z(s->arena, c.refusal.property),
		                       "%s", c.refusal.why.text);
	return e;
}

static enum err composed_prepare(struct jmap_set *s, struct json object)
{
	struct buf blobs, message;
	struct arena a = { 0 };
	enum err e;

	message_begin(s, &blobs);
	message_begin(s, &message);
	e = compose(s, object, &a, &blobs, &message);
	buf_deinit(&blobs);
	e = message_end(s, e, &message);
	if (e == OK) /* a draft arrives when it is made */
		((struct email_made *)s->prepared)->received_ms = clock_real_ms();
	arena_deinit(&a);
	return e;
}

bool email_set_extra(struct str name)
{
	struct header_property what;

	return header_property_parse(name, &what);
}

/* --- Copying --- */

struct original {
	struct jmap_set *s;
	uint64_t email;
	int64_t received_ms;
	struct str *keywords;
	size_t keyword_count;
};

/* Flags by name, since the other account numbers its keywords by itself. */
static enum err original_read(struct txn *t, void *arg)
{
	struct original *x = arg;
	struct mail_txn m = x->s->from;
	struct arena *a = x->s->arena;
	struct keywords *names = arena_new(a, struct keywords);
	struct email_viewer *viewer;
	struct email_view view;
	enum err e;

	m.t = t;
	if ((e = email_viewer_new(&m, a, &viewer)) ||
	    (e = email_view_get(viewer, x->email, a, &view)) ||
	    (e = keywords_load(&m, a, names)))
		return e;
	x->received_ms = view.internal_ms;
	x->keywords = arena_array(a, struct str, FLAG_MAX);
	x->keyword_count = 0;
	for (unsigned i = 0; i < FLAG_MAX; i++) {
		struct str name = flags_has(view.flags, i) ? jmap_keyword_name(names, i, a)
		                                           : STR_EMPTY;

		if (name.n != 0)
			x->keywords[x->keyword_count++] = name;
	}
	return OK;
}

static enum err copy_prepare(struct jmap_set *s, struct json object)
{
	struct original x = { .s = s };
	struct str id = STR_EMPTY;
	struct email_made *made;
	struct buf message;
	enum err e;

	json_str(json_get(object, "id"), &id);
	if (!jmap_id_parse(id, ID_EMAIL, s->from.account, &x.email))
		return ERR_MISSING;
	if ((e = store_read(s->call->server->store, original_read, &x)))
		return e;
	message_begin(s, &message);
	e = jmap_blob_read(s->call->server, s->call->caller,
	                   jmap_blob_of_email(s->arena, s->from.account, x.email), s->arena,
	                   &message, NULL);
	if ((e = message_end(s, e, &message)))
		return e;
	made = s->prepared;
	made->received_ms = x.received_ms;
	made->keywords = x.keywords;
	made->keyword_count = x.keyword_count;
	return OK;
}

enum err email_create_prepare(struct jmap_set *s, struct json object)
{
	return s->from.account != 0 ? copy_prepare(s, object) : composed_prepare(s, object);
}

/* --- In the transaction --- */

enum err email_set_begin(struct jmap_set *s)
{
	struct email_setting *x = s->state;

	x->n = 0;
	return OK;
}

/* Also that of Email/import and Email/copy. */
enum err email_set_create(struct jmap_set *s, struct json object, struct str *id)
{
	const struct email_made *made = s->prepared;
	struct email_place place;
	enum err e = email_place_take(s, object, made->received_ms, &place);

	if (e == OK && json_kind(json_get(object, "keywords")) == JSON_MISSING)
		e = email_place_keywords(s, made->keywords, made->keyword_count, &place);
	return e ? e : email_place_put(s, &place, made->email, id);
}

static struct email_edit *edit_add(struct jmap_set *s, uint64_t email)
{
	struct email_setting *x = s->state;

	if (x->n == x->room) {
		size_t room = 2 * x->room + 16;
		struct email_edit *edits = arena_array(s->arena, struct email_edit, room);
		size_t *laters = arena_array(s->arena, size_t, room);

		for (size_t i = 0; i < x->n; i++) {
			edits[i] = x->edits[i];
			laters[i] = x->laters[i];
		}
		x->edits = edits;
		x->laters = laters;
		x->room = room;
	}
	x->edits[x->n] = (struct email_edit){ .email = email };
	x->laters[x->n] = jmap_set_later(s);
	return &x->edits[x->n++];
}

enum err email_set_update(struct jmap_set *s, struct str id, const struct jmap_patch *patch)
{
	struct email_edit edit = { 0 };
	uint64_t email;
	enum err e;

	if (!jmap_id_parse(id, ID_EMAIL, s->m.account, &email))
		return ERR_MISSING;
	if ((e = email_edit_take(s, patch, &edit)))
		return e;
	edit.email = email;
	*edit_add(s, email) = edit;
	return OK;
}

enum err email_set_destroy(struct jmap_set *s, struct str id)
{
	uint64_t email;

	if (!jmap_id_parse(id, ID_EMAIL, s->m.account, &email))
		return ERR_MISSING;
	edit_add(s, email)->destroy = true;
	return OK;
}

enum err email_set_end(struct jmap_set *s)
{
	struct email_setting *x = s->state;
	uint64_t modseq;
	enum err e = x->n ? email_edit_all(&s->m, x->edits, x->n, &modseq) : OK;

	for (size_t i = 0; e == OK && i < x->n; i++) {
		enum err result = OK;

		jmap_set_again(s, x->laters[i]);
		if (x->edits[i].error)
			result = email_edit_refuse(s, &x->edits[i]);
		e = jmap_set_result(s, x->laters[i], result);
	}
	return e;
}

/* --- Email/import --- */

static enum err import_prepare(struct jmap_set *s, struct json object)
{
	struct str id = STR_EMPTY;
	struct buf message;
	enum err e;

	json_str(json_get(object, "blobId"), &id);
	message_begin(s, &message);
	e = jmap_blob_read(s->call->server, s->call->caller, id, s->arena, &message, NULL);
	if (e == ERR_MISSING)
		e = jmap_set_refuse(s, "invalidProperties", "blobId", "there is no such blob");
	else if (e == OK && message.n == 0)
		e = jmap_set_refuse(s, "invalidEmail", NULL, "the blob is empty");
	return message_end(s, e, &message);
}

static enum err email_state(const struct mail_txn *m, uint64_t *modseq)
{
	return changed_state(m, CHANGED_EMAIL, modseq);
}

static const struct jmap_property import_properties[] = {
	{ "id", FORM_ID, SERVER_SET, NULL },
	{ "blobId", FORM_ID, NEEDED, NULL },
	{ "mailboxIds", FORM_BOOL, MAP | ID_KEYS | NEEDED, NULL },
	{ "keywords", FORM_BOOL, MAP, NULL },
	{ "receivedAt", FORM_UTC_DATE, 0, NULL },
};

static const struct jmap_type email_import = {
	.name = "Email",
	.capability = CAP_MAIL,
	.scope = JMAP_MAIL,
	.properties = import_properties,
	.property_count = COUNT(import_properties),
	.state = email_state,
	.set_prepare = email_set_prepare,
	.create_prepare = import_prepare,
	.set_begin = email_set_begin,
	.create = email_set_create,
	.set_done = email_set_done,
};

static enum err import_run(struct jmap_call *c)
{
	return jmap_create_run(c, &email_import, "emails");
}

static const struct jmap_argument import_arguments[] = {
	{ "ifInState", FORM_STRING, OR_NULL, 0 },
	{ "emails", FORM_OBJECT, MAP | NEEDED, 0 },
};

static const struct jmap_method methods[] = {
	{ .name = "Email/import",
	  .capability = CAP_MAIL,
	  .scope = JMAP_MAIL,
	  .arguments = import_arguments,
	  .argument_count = COUNT(import_arguments),
	  .run = import_run },
};
const struct jmap_methods jmap_methods_email_set = { methods, COUNT(methods) };
