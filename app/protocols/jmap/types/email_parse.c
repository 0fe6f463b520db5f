/* protocols/jmap/types/email_parse.c: Email/parse (RFC 8621 4.9): a blob as an Email, with the
 * properties that a message has by itself. */
#include "formats/message/header.h"
#include "formats/message/preview.h"
#include "foundation/config/limits.h"
#include "foundation/text/json.h"
#include "protocols/jmap/types/email.h"

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

/* A message begins with a header field; files of other kinds do not. */
static bool is_message(struct str raw)
{
	struct cur c = cur_of(raw);
	struct header_field field;

	return header_next(&c, &field) && field.name.n != 0;
}

/* False: it has more structure than memory allows. */
static bool object_of_message(struct arena *a, struct str raw, const struct jmap_blob *blob,
                              struct email_object *o)
{
	struct message message;
	struct buf preview;

	*o = (struct email_object){ .parsed = true, .has_record = true };
	message_parse(a, raw, &limits, &message);
	o->message = (struct email_message){ .arena = a,
		                             .blob = *blob,
		                             .size_bytes = (uint32_t)raw.n,
		                             .header_bytes = message.parts[0].header.len,
		                             .raw = raw };
	envelope_of(a, message_str(&message, message.parts[0].header), &limits, &o->envelope);
	if (!structure_of(a, &message, &limits, &o->message.structure))
		return false;
	buf_init_in(&preview, arena_alloc(a, PREVIEW_BYTES_MAX), PREVIEW_BYTES_MAX);
	preview_put(&preview, &message);
	o->preview = buf_str(&preview);
	return true;
}

struct parse_results {
	struct str *not_parsable, *not_found;
	size_t not_parsable_count, not_found_count;
};

static enum err blob_put_parsed(struct jmap_get *g, struct str id, struct parse_results *r)
{
	struct email_object o;
	struct jmap_blob blob;
	struct buf bytes;
	enum err e = ERR_MISSING;

	buf_init(&bytes, MESSAGE_SIZE_MAX);
	if (jmap_blob_parse(id, &blob))
		e = jmap_blob_read(g->call->server, g->call->caller, id, g->object_arena, &bytes,
		                   NULL);
	if (e == ERR_MISSING) {
		r->not_found[r->not_found_count++] = id;
		e = OK;
	} else if (e == OK && is_message(buf_str(&bytes)) &&
	           object_of_message(g->object_arena, buf_str(&bytes), &blob, &o)) {
		json_put_name(g->out, id);
		e = jmap_object_put(g, &o);
	} else if (e == OK) {
		r->not_parsable[r->not_parsable_count++] = id;
	}
	buf_deinit(&bytes);
	return e;
}

static void blob_ids_put(struct json_writer *w, const char *name, const struct str *ids, size_t n)
{
	json_open(w, name, '[');
	for (size_t i = 0; i < n; i++)
		json_put_str(w, NULL, ids[i]);
	json_close(w);
}

/* "If omitted, this defaults to: messageId, inReplyTo, ...": all but metadata. */
static uint64_t properties_otherwise(void)
{
	uint64_t wanted = 0;

	for (size_t i = EMAIL_ROW_PROPERTIES; i < jmap_type_email.property_count; i++)
		if (!(jmap_type_email.properties[i].flags & ON_REQUEST))
			wanted |= (uint64_t)1 << i;
	return wanted;
}

static enum err email_parse(struct jmap_call *c)
{
	struct arena object_arena = { 0 };
	struct email_reading reading = { .viewer = NULL };
	struct jmap_get g = { .call = c,
		              .type = &jmap_type_email,
		              .arena = c->arena,
		              .object_arena = &object_arena,
		              .out = c->out,
		              .state = &reading };
	struct json list = jmap_arg(c, "blobIds");
	struct json_iter it = json_iter(list);
	struct parse_results r = { arena_array(c->arena, struct str, json_count(list)),
		                   arena_array(c->arena, struct str, json_count(list)), 0, 0 };
	struct str id;
	enum err e;

	if (json_count(list) > LIMIT_jmap_get)
		return jmap_refuse(c, "requestTooLarge", "at most %d blobs can be parsed",
		                   LIMIT_jmap_get);
	if ((e = body_wanted_read(c, c->arena, &reading.body)) ||
	    (e = jmap_properties_read(&g, properties_otherwise())))
		return e;
	json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	json_open(c->out, "parsed", '{');
	while (e == OK && buf_ok(c->out->out) && json_next(&it) && json_str(it.value, &id)) {
		e = blob_put_parsed(&g, id, &r);
		arena_deinit(&object_arena);
	}
	json_close(c->out);
	blob_ids_put(c->out, "notParsable", r.not_parsable, r.not_parsable_count);
	blob_ids_put(c->out, "notFound", r.not_found, r.not_found_count);
	return e;
}

static const struct jmap_argument arguments[] = {
	{ "accountId", FORM_ID, NEEDED, 0 },
	{ "blobIds", FORM_ID, LIST | NEEDED, 0 },
	{ "properties", FORM_STRING, LIST | OR_NULL, 0 },
	{ "bodyProperties", FORM_STRING, LIST | OR_NULL, 0 },
	{ "fetchTextBodyValues", FORM_BOOL, OR_NULL, 0 },
	{ "fetchHTMLBodyValues", FORM_BOOL, OR_NULL, 0 },
	{ "fetchAllBodyValues", FORM_BOOL, OR_NULL, 0 },
	{ "maxBodyValueBytes", FORM_UNSIGNED, OR_NULL, 0 },
};

static const struct jmap_method rows[] = {
	{ .name = "Email/parse",
	  .capability = CAP_MAIL,
	  .scope = JMAP_MAIL,
	  .arguments = arguments,
	  .argument_count = COUNT(arguments),
	  .run = email_parse },
};
const struct jmap_methods jmap_methods_email_parse = { rows, COUNT(rows) };
