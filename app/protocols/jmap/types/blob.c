/* protocols/jmap/types/blob.c: Blob/copy (RFC 8620 6.3), Blob/upload, Blob/get and Blob/lookup
 * (RFC 9404). Blobs have no state. */
#include "protocols/jmap/blobs/blob.h"

#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/base64.h"
#include "foundation/text/utf8.h"
#include "model/mailbox/placement.h"
#include "model/store/store.h"
#include "protocols/jmap/request/call.h"

#include <string.h>

/* The bytes of a blob of the call's account. */
static enum err blob_bytes(const struct jmap_call *c, uint32_t account, struct str id,
                           struct buf *out, struct str *type)
{
	struct jmap_blob what;

	return jmap_blob_parse(id, &what) && what.account == account
	               ? jmap_blob_read(c->server, c->caller, id, c->arena, out, type)
	               : ERR_MISSING;
}

static void error_put(struct json_writer *w, struct str name, const char *type,
                      const char *sentence)
{
	json_put_name(w, name);
	json_open(w, NULL, '{');
	json_put_str(w, "type", str_of(type));
	json_put_str(w, "description", str_of(sentence));
	json_close(w);
}

/* --- Blob/upload (RFC 9404 4.1) ------------------------------------------------- */

enum made { MADE, WAITS, REFUSED };

struct upload_run {
	struct jmap_call *call;
	struct buf bytes;
	const char *error, *sentence;
};

static enum made refused(struct upload_run *u, const char *error, const char *sentence)
{
	u->error = error;
	u->sentence = sentence;
	return REFUSED;
}

/* Is it there, and not null? */
static bool given(struct json object, const char *name)
{
	return json_kind(json_get(object, name)) > JSON_NULL;
}

static enum made blob_source(struct upload_run *u, struct json source)
{
	struct str id;
	uint64_t offset = 0, length;
	size_t before = u->bytes.n, n;
	enum err e;

	if (!json_str(json_get(source, "blobId"), &id) ||
	    (given(source, "offset") && !json_u64(json_get(source, "offset"), &offset)) ||
	    (given(source, "length") && !json_u64(json_get(source, "length"), &length)))
		return refused(u, "invalidProperties", "blobId, offset or length is not valid");
	id = jmap_id_resolve(u->call, id);
	if (id.n == 0)
		return WAITS;
	e = blob_bytes(u->call, u->call->account, id, &u->bytes, NULL);
	if (e == ERR_LIMIT)
		return refused(u, "tooLarge", "the blob would be too large");
	if (e != OK)
		return refused(u, "blobNotFound", "a source does not exist");
	n = u->bytes.n - before;
	if (!given(source, "length"))
		length = n - MIN(offset, n);
	if (offset > n || length > n - offset)
		return refused(u, "invalidProperties", "a range is outside of its blob");
	buf_cut(&u->bytes, before + (size_t)(offset + length));
	if (offset != 0) {
		memmove(u->bytes.p + before, u->bytes.p + before + offset, (size_t)length);
		buf_cut(&u->bytes, before + (size_t)length);
	}
	return MADE;
}

static enum made source_add(struct upload_run *u, struct json source)
{
	bool text = given(source, "data:asText"), base64 = given(source, "data:asBase64");
	struct str s;

	if (text + base64 + given(source, "blobId") != 1)
		return refused(u, "invalidProperties", "a source has one of three forms");
	if (given(source, "blobId"))
		return blob_source(u, source);
	if (!json_str(json_get(source, text ? "data:asText" : "data:asBase64"), &s))
		return refused(u, "invalidProperties", "data must be a string");
	if (text)
		buf_put(&u->bytes, s);
	else if (!base64_parse(s, &u->bytes))
		return refused(u, "invalidProperties", "the base64 is not valid");
	return buf_ok(&u->bytes) ? MADE : refused(u, "tooLarge", "the blob would be too large");
}

static enum made object_make(struct upload_run *u, struct json object, struct json_writer *created,
                             struct str name)
{
	struct jmap_call *c = u->call;
	struct json data = json_get(object, "data");
	struct json_iter it = json_iter(data);
	struct str type = STR_EMPTY, id;
	struct why why = { "" };
	enum made made = MADE;
	enum err e;

	if (json_kind(data) != JSON_ARRAY || json_count(data) > LIMIT_jmap_sources ||
	    (given(object, "type") && !json_str(json_get(object, "type"), &type)))
		return refused(u, "invalidProperties", "data must be an array of sources");
	buf_reset(&u->bytes);
	while (made == MADE && json_next(&it))
		made = source_add(u, it.value);
	if (made != MADE)
		return made;
	e = jmap_upload_add(c->server, c->caller, buf_str(&u->bytes), type, c->arena,
	                    &id, &why);
	if (e != OK)
		return refused(u, e == ERR_LIMIT ? "overQuota" : "serverFail",
		               e == ERR_LIMIT ? "the account has too many unused uploads"
		                              : "the blob could not be stored");
	jmap_creation_note(c, name, id);
	json_put_name(created, name);
	json_open(created, NULL, '{');
	json_put_str(created, "id", id);
	if (type.n != 0)
		json_put_str(created, "type", type);
	else
		json_put_null(created, "type");
	json_put_u64(created, "size", u->bytes.n);
	json_close(created);
	return MADE;
}

/* In rounds: a source may be another creation of the call ("#a"). */
static size_t round_run(struct upload_run *u, struct json create, bool *done, bool last,
                        struct json_writer *created, struct json_writer *failed)
{
	struct json_iter it = json_iter(create);
	size_t n = 0;

	for (size_t i = 0; json_next(&it); i++) {
		enum made made;

		if (done[i])
			continue;
		made = object_make(u, it.value, created, it.name);
		if (made == WAITS && last)
			made = refused(u, "blobNotFound", "a source does not exist");
		if (made == REFUSED)
			error_put(failed, it.name, u->error, u->sentence);
		done[i] = made != WAITS;
		n += done[i];
	}
	return n;
}

static void map_put_or_null(struct json_writer *w, const char *name, const struct buf *members)
{
	if (members->n <= 2)
		json_put_null(w, name);
	else
		json_put_raw(w, name, buf_str(members));
}

static enum err blob_upload(struct jmap_call *c)
{
	struct json create = jmap_arg(c, "create");
	struct upload_run u = { .call = c };
	struct buf created_text, failed_text;
	struct json_writer created, failed;
	bool *done = arena_array(c->arena, bool, json_count(create));

	if (json_count(create) > LIMIT_jmap_set)
		return jmap_refuse(c, "requestTooLarge", "at most %d blobs can be created",
		                   LIMIT_jmap_set);
	buf_init(&u.bytes, LIMIT_jmap_upload);
	buf_init(&created_text, LIMIT_jmap_request);
	buf_init(&failed_text, LIMIT_jmap_request);
	json_writer_init(&created, &created_text);
	json_writer_init(&failed, &failed_text);
	json_open(&created, NULL, '{');
	json_open(&failed, NULL, '{');
	while (round_run(&u, create, done, false, &created, &failed) != 0)
		;
	round_run(&u, create, done, true, &created, &failed);
	json_close(&created);
	json_close(&failed);
	json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	map_put_or_null(c->out, "created", &created_text);
	map_put_or_null(c->out, "notCreated", &failed_text);
	buf_deinit(&u.bytes);
	buf_deinit(&created_text);
	buf_deinit(&failed_text);
	return OK;
}

/* --- Blob/get (RFC 9404 4.2) ------------------------------------------------------ */

enum blob_property { DATA, AS_TEXT, AS_BASE64, SHA, SHA_256, SHA_512, SIZE, BLOB_PROPERTIES };
static const char *const property_names[BLOB_PROPERTIES] = {
	"data", "data:asText", "data:asBase64", "digest:sha", "digest:sha-256", "digest:sha-512",
	"size",
};

static enum err properties_read(struct jmap_call *c, unsigned *wanted)
{
	struct json list = jmap_arg(c, "properties");
	struct json_iter it = json_iter(list);
	struct str name;

	*wanted = json_kind(list) == JSON_ARRAY ? 0 : BIT(DATA) | BIT(SIZE);
	while (json_kind(list) == JSON_ARRAY && json_next(&it) && json_str(it.value, &name)) {
		unsigned i = 0;

		while (i < BLOB_PROPERTIES && !str_eq(name, str_of(property_names[i])))
			i++;
		if (i == BLOB_PROPERTIES && !str_eq(name, STR("id")))
			return jmap_refuse(c, "invalidArguments", "Blob has no property \"%.*s\"",
			                   STR_ARG(str_sub(name, 0, 60)));
		*wanted |= i < BLOB_PROPERTIES ? BIT(i) : 0;
	}
	return OK;
}

static void base64_member(struct json_writer *w, const char *name, struct str bytes)
{
	json_put_raw(w, name, STR("\""));
	base64_put(w->out, bytes);
	buf_byte(w->out, '"');
}

static void digests_put(struct json_writer *w, unsigned wanted, struct str bytes)
{
	uint8_t hash[HASH_SHA512_BYTES];
	const char *p = (const char *)hash;

	if (wanted & BIT(SHA)) {
		hash_sha1(bytes, hash);
		base64_member(w, property_names[SHA], str_from(p, HASH_SHA1_BYTES));
	}
	if (wanted & BIT(SHA_256)) {
		hash_sha256(bytes, hash);
		base64_member(w, property_names[SHA_256], str_from(p, HASH_BYTES));
	}
	if (wanted & BIT(SHA_512)) {
		hash_sha512(bytes, hash);
		base64_member(w, property_names[SHA_512], str_from(p, HASH_SHA512_BYTES));
	}
}

static void range_put(struct json_writer *w, unsigned wanted, struct str bytes)
{
	bool text = utf8_valid(bytes);

	if (wanted & (BIT(DATA) | BIT(AS_TEXT))) {
		if (!text) {
			json_put_bool(w, "isEncodingProblem", true);
			if (wanted & BIT(AS_TEXT))
				json_put_null(w, "data:asText");
		} else {
			json_put_str(w, "data:asText", bytes);
		}
	}
	if (wanted & BIT(AS_BASE64) || (wanted & BIT(DATA) && !text))
		base64_member(w, "data:asBase64", bytes);
	digests_put(w, wanted, bytes);
}

static enum err blob_put_one(struct jmap_call *c, struct str id, unsigned wanted)
{
	bool ranged = json_kind(jmap_arg(c, "length")) == JSON_NUMBER;
	uint64_t offset = jmap_arg_u64(c, "offset", 0);
	uint64_t length = jmap_arg_u64(c, "length", UINT64_MAX);
	struct buf bytes;
	struct str range;
	uint64_t size;
	enum err e;

	buf_init(&bytes, LIMIT_jmap_response);
	if (wanted & ~BIT(SIZE) || jmap_blob_size(c->server, c->caller, id, &size) != OK) {
		e = blob_bytes(c, c->account, id, &bytes, NULL);
		size = bytes.n;
	} else {
		struct jmap_blob what;

		e = jmap_blob_parse(id, &what) && what.account == c->account ? OK : ERR_MISSING;
	}
	if (e == OK) {
		range = str_sub(buf_str(&bytes), offset, offset + MIN(length, UINT64_MAX - offset));
		json_open(c->out, NULL, '{');
		json_put_str(c->out, "id", id);
		if (wanted & ~BIT(SIZE))
			range_put(c->out, wanted, range);
		if (offset > size || (ranged && length > size - offset))
			json_put_bool(c->out, "isTruncated", true);
		if (wanted & BIT(SIZE))
			json_put_u64(c->out, "size", size);
		json_close(c->out);
	}
	buf_deinit(&bytes);
	return e;
}

static enum err blob_get_method(struct jmap_call *c)
{
	struct json ids = jmap_arg(c, "ids");
	struct json_iter it = json_iter(ids);
	struct str *missing = arena_array(c->arena, struct str, json_count(ids));
	size_t missing_count = 0;
	unsigned wanted;
	struct str id;
	enum err e = properties_read(c, &wanted);

	if (e == OK && json_count(ids) > LIMIT_jmap_get)
		e = jmap_refuse(c, "requestTooLarge", "at most %d ids can be requested",
		                LIMIT_jmap_get);
	if (e != OK)
		return e;
	json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	json_open(c->out, "list", '[');
	while (e == OK && json_next(&it) && json_str(it.value, &id)) {
		e = blob_put_one(c, id, wanted);
		if (e == ERR_MISSING) {
			missing[missing_count++] = id;
			e = OK;
		}
	}
	json_close(c->out);
	json_open(c->out, "notFound", '[');
	for (size_t i = 0; i < missing_count; i++)
		json_put_str(c->out, NULL, missing[i]);
	json_close(c->out);
	return e;
}

/* --- Blob/lookup (RFC 9404 4.3) ----------------------------------------------------- */

enum lookup_type { LOOKUP_MAILBOX, LOOKUP_THREAD, LOOKUP_EMAIL, LOOKUP_TYPES };
static const char *const lookup_names[LOOKUP_TYPES] = { "Mailbox", "Thread", "Email" };

struct lookup {
	struct jmap_call *call;
	unsigned types; /* BIT of each */
	struct jmap_mark mark;
};

static void matched_put(struct lookup *l, const struct email_view *v)
{
	struct jmap_call *c = l->call;
	struct json_writer *w = c->out;

	for (unsigned i = 0; i < LOOKUP_TYPES; i++) {
		uint32_t before = 0;

		if (!(l->types & BIT(i)))
			continue;
		json_open(w, lookup_names[i], '[');
		if (v != NULL && i == LOOKUP_EMAIL)
			json_put_str(w, NULL, jmap_id_text(c->arena, ID_EMAIL, c->account, v->id));
		if (v != NULL && i == LOOKUP_THREAD)
			json_put_str(w, NULL,
			             jmap_id_text(c->arena, ID_THREAD, c->account, v->thread));
		for (size_t j = 0; v != NULL && i == LOOKUP_MAILBOX && j < v->placements.n; j++) {
			uint32_t mailbox = v->placements.items[j].mailbox;

			if (mailbox != before)
				json_put_str(w, NULL, jmap_id_text(c->arena, ID_MAILBOX, c->account,
				                                   mailbox));
			before = mailbox;
		}
		json_close(w);
	}
}

static enum err lookup_one(struct lookup *l, struct email_viewer *viewer, struct str id)
{
	struct jmap_call *c = l->call;
	struct jmap_blob what;
	struct email_view view;
	enum err e = ERR_MISSING;

	if (!jmap_blob_parse(id, &what))
		return ERR_SYNTAX;
	if (!what.upload && !what.script && what.account == c->account)
		e = email_view_get(viewer, what.number, c->arena, &view);
	if (e != OK && e != ERR_MISSING)
		return e;
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "id", id);
	json_open(c->out, "matchedIds", '{');
	matched_put(l, e == OK ? &view : NULL);
	json_close(c->out);
	json_close(c->out);
	return OK;
}

static enum err lookup_read(struct txn *t, void *arg)
{
	struct lookup *l = arg;
	struct jmap_call *c = l->call;
	const struct mail_txn m = jmap_mail(c, t);
	struct json_iter it = json_iter(jmap_arg(c, "ids"));
	struct str *missing = arena_array(c->arena, struct str, json_count(jmap_arg(c, "ids")));
	struct email_viewer *viewer;
	size_t missing_count = 0;
	struct str id;
	enum err e = email_viewer_new(&m, c->arena, &viewer);

	jmap_rewind(c->out, &l->mark);
	json_open(c->out, "list", '[');
	while (e == OK && json_next(&it) && json_str(it.value, &id)) {
		e = lookup_one(l, viewer, id);
		if (e == ERR_SYNTAX) {
			missing[missing_count++] = id;
			e = OK;
		}
	}
	json_close(c->out);
	json_open(c->out, "notFound", '[');
	for (size_t i = 0; i < missing_count; i++)
		json_put_str(c->out, NULL, missing[i]);
	json_close(c->out);
	return e;
}

static enum err blob_lookup(struct jmap_call *c)
{
	struct lookup l = { .call = c };
	struct json_iter it = json_iter(jmap_arg(c, "typeNames"));
	struct str name;

	while (json_next(&it) && json_str(it.value, &name)) {
		unsigned i = 0;

		while (i < LOOKUP_TYPES && !str_eq(name, str_of(lookup_names[i])))
			i++;
		if (i == LOOKUP_TYPES || !jmap_uses(c, CAP_MAIL))
			return jmap_refuse(c, "unknownDataType", "there is no type %.*s with blobs",
			                   STR_ARG(str_sub(name, 0, 60)));
		l.types |= BIT(i);
	}
	if (json_count(jmap_arg(c, "ids")) > LIMIT_jmap_get)
		return jmap_refuse(c, "requestTooLarge", "at most %d ids can be looked up",
		                   LIMIT_jmap_get);
	json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	l.mark = jmap_mark(c->out);
	return store_read(c->server->store, lookup_read, &l);
}

/* --- Blob/copy (RFC 8620 6.3) --------------------------------------------------------- */

static enum err copy_one(struct jmap_call *c, uint32_t from, struct str id, struct str *copy)
{
	struct str type = STR_EMPTY;
	struct buf bytes;
	enum err e;

	buf_init(&bytes, LIMIT_jmap_upload);
	e = blob_bytes(c, from, id, &bytes, &type);
	if (e == OK)
		e = jmap_upload_add(c->server, c->caller, buf_str(&bytes), type,
		                    c->arena, copy, NULL);
	buf_deinit(&bytes);
	return e;
}

static enum err blob_copy(struct jmap_call *c)
{
	struct json ids = jmap_arg(c, "blobIds");
	struct json_iter it = json_iter(ids);
	struct buf copied_text, failed_text;
	struct json_writer copied, failed;
	struct str id, copy;
	uint32_t from;
	bool own;

	if (!jmap_account_find(c, jmap_arg_str(c, "fromAccountId"), &from, &own))
		return jmap_refuse(c, "fromAccountNotFound", "there is no such account");
	if (json_count(ids) > LIMIT_jmap_set)
		return jmap_refuse(c, "requestTooLarge", "at most %d blobs can be copied",
		                   LIMIT_jmap_set);
	buf_init(&copied_text, LIMIT_jmap_request);
	buf_init(&failed_text, LIMIT_jmap_request);
	json_writer_init(&copied, &copied_text);
	json_writer_init(&failed, &failed_text);
	json_open(&copied, NULL, '{');
	json_open(&failed, NULL, '{');
	while (json_next(&it) && json_str(it.value, &id)) {
		enum err e = copy_one(c, from, id, &copy);

		if (e == OK) {
			json_put_name(&copied, id);
			json_put_str(&copied, NULL, copy);
		} else {
			error_put(&failed, id,
			          e == ERR_MISSING ? "notFound"
			          : e == ERR_LIMIT ? "overQuota"
			                           : "serverFail",
			          "the blob could not be copied");
		}
	}
	json_close(&copied);
	json_close(&failed);
	json_put_str(c->out, "fromAccountId", jmap_arg_str(c, "fromAccountId"));
	json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	map_put_or_null(c->out, "copied", &copied_text);
	map_put_or_null(c->out, "notCopied", &failed_text);
	buf_deinit(&copied_text);
	buf_deinit(&failed_text);
	return OK;
}

/* --- The table -------------------------------------------------------------------------- */

static const struct jmap_argument upload_arguments[] = {
	{ "create", FORM_OBJECT, MAP | NEEDED, 0 },
};
static const struct jmap_argument get_arguments[] = {
	{ "ids", FORM_ID, LIST | NEEDED, 0 },
	{ "properties", FORM_STRING, LIST | OR_NULL, 0 },
	{ "offset", FORM_UNSIGNED, OR_NULL, 0 },
	{ "length", FORM_UNSIGNED, OR_NULL, 0 },
};
static const struct jmap_argument lookup_arguments[] = {
	{ "typeNames", FORM_STRING, LIST | NEEDED, 0 },
	{ "ids", FORM_ID, LIST | NEEDED, 0 },
};
static const struct jmap_argument copy_arguments[] = {
	{ "fromAccountId", FORM_ID, NEEDED, 0 },
	{ "blobIds", FORM_ID, LIST | NEEDED, 0 },
};

#define METHOD(method, cap, table, function)                                              \
	{                                                                                 \
		.name = "Blob/" method, .capability = cap, .arguments = table,            \
		.argument_count = COUNT(table), .run = function                           \
	}
static const struct jmap_method rows[] = {
	METHOD("upload", CAP_BLOB, upload_arguments, blob_upload),
	METHOD("get", CAP_BLOB, get_arguments, blob_get_method),
	METHOD("lookup", CAP_BLOB, lookup_arguments, blob_lookup),
	METHOD("copy", CAP_CORE, copy_arguments, blob_copy),
};
const struct jmap_methods jmap_methods_blob = { rows, COUNT(rows) };
