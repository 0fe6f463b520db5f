/* protocols/jmap/types/email_get.c: properties of an email (RFC 8621 4.1). Rows, envelope,
 * structure and preview come from records, so a page of a list opens no message. */
#include "protocols/jmap/types/email.h"

#include "model/store/store.h"
#include "protocols/jmap/types/header_value.h"
#include "protocols/jmap/types/keyword.h"

/* The machinery passes objects as constant; what a property has read stays for later ones. */
static struct email_object *object_of(const void *object)
{
	return (struct email_object *)(uintptr_t)object;
}

/* --- Loading --- */

enum err email_get_begin(struct jmap_get *g)
{
	struct email_reading *r = arena_new(g->arena, struct email_reading);
	enum err e = body_wanted_read(g->call, g->arena, &r->body);

	g->state = r;
	if (!e)
		e = email_viewer_new(&g->m, g->arena, &r->viewer);
	return e ? e : keywords_load(&g->m, g->arena, &r->keywords);
}

/* The record with its envelope, preview and structure. */
static enum err email_record_read(struct jmap_get *g, struct email_object *o)
{
	struct arena *a = g->object_arena;
	enum err e;

	if (o->has_record)
		return OK;
	if ((e = email_get(&g->m, o->view.id, &o->record)) ||
	    (e = email_describe(&g->m, a, &o->record)))
		return e;
	if (!envelope_unpack(a, o->record.envelope, &o->envelope) ||
	    !structure_unpack(a, o->record.structure, &o->message.structure))
		return fail(txn_why(g->m.t), ERR_CORRUPT, "the record of an email is damaged");
	o->preview = o->record.preview;
	o->message.size_bytes = o->record.size_bytes;
	o->message.header_bytes = o->record.header_bytes;
	o->message.t = g->m.t;
	o->message.stored = o->record.blob;
	o->has_record = true;
	return OK;
}

/* Properties that rows have, and ids: the first ones of the table. */
static bool needs_record(const struct jmap_get *g)
{
	return g->wanted >> EMAIL_ROW_PROPERTIES != 0 || g->extra_count != 0;
}

/* One damaged email does not fail the others. */
static enum err damaged_is_missing(enum err e)
{
	return e == ERR_CORRUPT ? ERR_MISSING : e;
}

enum err email_load(struct jmap_get *g, struct str id, const void **object)
{
	struct email_reading *r = g->state;
	struct email_object *o = arena_new(g->object_arena, struct email_object);
	uint64_t number;
	enum err e;

	if (!jmap_id_parse(id, ID_EMAIL, g->call->account, &number))
		return ERR_MISSING;
	if ((e = email_view_get(r->viewer, number, g->object_arena, &o->view)))
		return e;
	o->id = id;
	o->message.arena = g->object_arena;
	o->message.blob = (struct jmap_blob){ .account = g->call->account, .number = number };
	*object = o;
	return needs_record(g) ? damaged_is_missing(email_record_read(g, o)) : OK;
}

static enum err lists_read(struct jmap_get *g, struct email_object *o)
{
	enum err e = email_record_read(g, o);

	if (!e && !o->has_lists)
		body_lists_of(g->object_arena, &o->message.structure, &o->lists);
	o->has_lists = o->has_lists || !e;
	return e;
}

/* --- Metadata (4.1.1) --- */

enum err email_put_id(struct jmap_get *g, const char *name, const void *object)
{
	const struct email_object *o = object;

	if (o->parsed)
		json_put_null(g->out, name);
	else
		json_put_str(g->out, name, o->id);
	return OK;
}

enum err email_put_blob_id(struct jmap_get *g, const char *name, const void *object)
{
	const struct email_object *o = object;

	json_put_str(g->out, name, jmap_blob_text(g->object_arena, &o->message.blob));
	return OK;
}

enum err email_put_thread_id(struct jmap_get *g, const char *name, const void *object)
{
	const struct email_object *o = object;

	if (o->parsed)
		json_put_null(g->out, name);
	else
		json_put_str(g->out, name,
		             jmap_id_text(g->object_arena, ID_THREAD, g->call->account,
		                          o->view.thread));
	return OK;
}

enum err email_put_mailbox_ids(struct jmap_get *g, const char *name, const void *object)
{
	const struct email_object *o = object;
	uint32_t before = 0;

	if (o->parsed) {
		json_put_null(g->out, name);
		return OK;
	}
	json_open(g->out, name, '{');
	for (size_t i = 0; i < o->view.placements.n; i++) {
		uint32_t mailbox = o->view.placements.items[i].mailbox;

		if (mailbox == before) /* two copies in one mailbox */
			continue;
		json_put_name(g->out, jmap_id_text(g->object_arena, ID_MAILBOX, g->call->account,
		                                   mailbox));
		json_put_bool(g->out, NULL, true);
		before = mailbox;
	}
	json_close(g->out);
	return OK;
}

enum err email_put_keywords(struct jmap_get *g, const char *name, const void *object)
{
	const struct email_object *o = object;
	const struct email_reading *r = g->state;

	if (o->parsed) {
		json_put_null(g->out, name);
		return OK;
	}
	json_open(g->out, name, '{');
	for (unsigned i = flags_next(o->view.flags, 0); i < FLAG_MAX;
	     i = flags_next(o->view.flags, i + 1)) {
		struct str keyword = jmap_keyword_name(&r->keywords, i, g->object_arena);

		if (keyword.n == 0)
			continue;
		json_put_name(g->out, keyword);
		json_put_bool(g->out, NULL, true);
	}
	json_close(g->out);
	return OK;
}

enum err email_put_size(struct jmap_get *g, const char *name, const void *object)
{
	const struct email_object *o = object;

	json_put_u64(g->out, name, o->parsed ? o->message.size_bytes : o->view.size_bytes);
	return OK;
}

enum err email_put_received_at(struct jmap_get *g, const char *name, const void *object)
{
	const struct email_object *o = object;

	/* json_put_time has null for 0, which is a time here. */
	if (o->parsed)
		json_put_null(g->out, name);
	else
		json_put_time(g->out, name, o->view.internal_ms != 0 ? o->view.internal_ms : 1);
	return OK;
}

/* --- Header fields (4.1.2, 4.1.3) --- */

static enum err header_put(struct jmap_get *g, struct str name, const struct header_property *what,
                           struct email_object *o)
{
	struct str header;
	enum err e = email_record_read(g, o);

	if (e || (e = email_message_header(&o->message, &header)))
		return e;
	json_put_name(g->out, name);
	header_property_put(g->out, header, what);
	return OK;
}

enum err email_header_put(struct jmap_get *g, struct str name, const void *object)
{
	struct header_property what;

	(void)header_property_parse(name, &what);
	return header_put(g, name, &what, object_of(object));
}

/* A convenience property that the envelope does not have: references. */
enum err email_put_field(struct jmap_get *g, const char *name, const void *object)
{
	struct header_property what;

	(void)header_convenience_parse(str_of(name), &what);
	return header_put(g, str_of(name), &what, object_of(object));
}

static const struct {
	const char *name;
	size_t offset; /* in struct envelope */
	unsigned has;  /* 0: an address list */
	void (*put)(struct json_writer *w, struct str value);
} envelope_rows[] = {
	{ "messageId", offsetof(struct envelope, message_id), ENVELOPE_MESSAGE_ID,
	  header_message_ids_put },
	{ "inReplyTo", offsetof(struct envelope, in_reply_to), ENVELOPE_IN_REPLY_TO,
	  header_message_ids_put },
	{ "subject", offsetof(struct envelope, subject), ENVELOPE_SUBJECT, header_text_put },
	{ "sentAt", offsetof(struct envelope, date), ENVELOPE_DATE, header_date_put },
	{ "from", offsetof(struct envelope, from), 0, NULL },
	{ "sender", offsetof(struct envelope, sender), 0, NULL },
	{ "replyTo", offsetof(struct envelope, reply_to), 0, NULL },
	{ "to", offsetof(struct envelope, to), 0, NULL },
	{ "cc", offsetof(struct envelope, cc), 0, NULL },
	{ "bcc", offsetof(struct envelope, bcc), 0, NULL },
};

/* An envelope has From as the default of Sender and Reply-To, JMAP has null. Only the header tells
 * whether such a field is there. */
static bool is_default(const struct email_object *o, const struct address_list *list)
{
	const struct envelope *e = &o->envelope;

	return (list == &e->sender || list == &e->reply_to) && list->n == e->from.n &&
	       list->n != 0 && str_eq(list->items[0].local, e->from.items[0].local) &&
	       str_eq(list->items[0].domain, e->from.items[0].domain);
}

/* The envelope joins repeated fields, which RFC 5322 3.6 forbids, instead of taking the last. */
enum err email_put_envelope(struct jmap_get *g, const char *name, const void *object)
{
	struct email_object *o = object_of(object);
	enum err e = email_record_read(g, o);
	const char *value;
	size_t i = 0;

	if (e)
		return e;
	while (!str_eq(str_of(name), str_of(envelope_rows[i].name)))
		i++;
	value = (const char *)&o->envelope + envelope_rows[i].offset;
	if (envelope_rows[i].put == NULL) {
		const struct address_list *list = (const void *)value;

		if (is_default(o, list))
			return email_put_field(g, name, object);
		json_put_name(g->out, str_of(name));
		header_addresses_put(g->out, list);
	} else if (o->envelope.has & envelope_rows[i].has) {
		json_put_name(g->out, str_of(name));
		envelope_rows[i].put(g->out, *(const struct str *)(const void *)value);
	} else {
		json_put_null(g->out, name);
	}
	return OK;
}

enum err email_put_headers(struct jmap_get *g, const char *name, const void *object)
{
	struct email_object *o = object_of(object);
	struct str header;
	enum err e = email_record_read(g, o);

	if (e || (e = email_message_header(&o->message, &header)))
		return e;
	json_put_name(g->out, str_of(name));
	header_list_put(g->out, header);
	return OK;
}

/* --- Body (4.1.4) --- */

enum err email_put_has_attachment(struct jmap_get *g, const char *name, const void *object)
{
	struct email_object *o = object_of(object);
	enum err e = lists_read(g, o);

	if (!e)
		json_put_bool(g->out, name,
		              body_has_attachment(&o->message.structure, &o->lists));
	return e;
}

enum err email_put_preview(struct jmap_get *g, const char *name, const void *object)
{
	struct email_object *o = object_of(object);
	enum err e = email_record_read(g, o);

	if (!e)
		json_put_str(g->out, name, o->preview);
	return e;
}

enum err email_put_structure(struct jmap_get *g, const char *name, const void *object)
{
	const struct email_reading *r = g->state;
	struct email_object *o = object_of(object);
	enum err e = email_record_read(g, o);

	if (e)
		return e;
	json_put_name(g->out, str_of(name));
	return body_structure_put(g->out, &o->message, &r->body);
}

enum err email_put_values(struct jmap_get *g, const char *name, const void *object)
{
	const struct email_reading *r = g->state;
	struct email_object *o = object_of(object);
	enum err e = lists_read(g, o);

	if (e)
		return e;
	json_put_name(g->out, str_of(name));
	return body_values_put(g->out, &o->message, &r->body, &o->lists);
}

enum err email_put_list(struct jmap_get *g, const char *name, const void *object)
{
	const struct email_reading *r = g->state;
	struct email_object *o = object_of(object);
	enum err e = lists_read(g, o);

	if (e)
		return e;
	json_put_name(g->out, str_of(name));
	return body_list_put(g->out, &o->message, &r->body,
	                     *name == 't'   ? &o->lists.text
	                     : *name == 'h' ? &o->lists.html
	                                    : &o->lists.attachments);
}
