/* protocols/jmap/blobs/blob.c: ids of blobs, and reading them; see blob.h. */
#include "protocols/jmap/blobs/blob.h"

#include "formats/message/decode.h"
#include "formats/message/structure.h"
#include "model/filters/scripts.h"
#include "model/mailbox/placement.h"
#include "model/objects/objects.h"
#include "model/store/store.h"
#include "protocols/jmap/blobs/upload.h"
#include "protocols/jmap/jmap.h"

/* --- Ids --- */

static bool number_take(struct cur *c, uint64_t max, uint64_t *out)
{
	/* One text for each blob: no zeros in front. */
	return !cur_done(c) && (*c->p != '0' || c->end - c->p == 1 || c->p[1] == '-') &&
	       cur_u64(c, out) && *out <= max;
}

bool jmap_blob_parse(struct str id, struct jmap_blob *out)
{
	struct cur c = cur_of(id);
	uint64_t account, part;
	char kind;

	*out = (struct jmap_blob){ .levels = 0 };
	if (!cur_any(&c, &kind) || str_find_byte(STR("BUZ"), kind) < 0)
		return false;
	out->upload = kind == 'U';
	out->script = kind == 'Z';
	if (!number_take(&c, UINT32_MAX, &account) || !cur_byte(&c, '-') ||
	    !number_take(&c, UINT64_MAX, &out->number))
		return false;
	out->account = (uint32_t)account;
	while (out->levels < JMAP_BLOB_LEVELS && cur_byte(&c, '-')) {
		if (!number_take(&c, UINT32_MAX - 1, &part))
			return false;
		out->parts[out->levels++] = (uint32_t)part;
	}
	return cur_done(&c) && (!out->script || out->levels == 0);
}

struct str jmap_blob_text(struct arena *a, const struct jmap_blob *b)
{
	char room[JMAP_BLOB_ID_ROOM];
	struct buf out;

	buf_init_in(&out, room, sizeof room);
	buf_fmt(&out, "%c%" PRIu32 "-%" PRIu64,
	        b->upload   ? 'U'
	        : b->script ? 'Z'
	                    : 'B',
	        b->account, b->number);
	for (size_t i = 0; i < b->levels; i++)
		buf_fmt(&out, "-%" PRIu32, b->parts[i]);
	assert(buf_ok(&out));
	return str_dup(a, buf_str(&out));
}

struct str jmap_blob_of_email(struct arena *a, uint32_t account, uint64_t email)
{
	return jmap_blob_text(a, &(struct jmap_blob){ .account = account, .number = email });
}

struct str jmap_blob_of_part(struct arena *a, const struct jmap_blob *of, uint32_t part)
{
	struct jmap_blob b = *of;

	if (b.levels == JMAP_BLOB_LEVELS)
		return STR_EMPTY;
	b.parts[b.levels++] = part;
	return jmap_blob_text(a, &b);
}

/* --- Reading --- */

struct reading {
	const struct jmap_server *server;
	const struct jmap_caller *caller;
	const struct jmap_blob *what;
	struct arena *arena;
	struct buf *bytes; /* of the whole message or upload; NULL: only its size is needed */
	uint64_t size;
	struct str type;
};

static enum err email_read(struct reading *r, const struct mail_txn *m)
{
	struct email_viewer *viewer;
	struct email_view view;
	struct email email;
	enum err e;

	if ((e = email_viewer_new(m, r->arena, &viewer)) ||
	    (e = email_view_get(viewer, r->what->number, r->arena, &view)) ||
	    (e = email_get(m, r->what->number, &email)))
		return e;
	r->size = email.size_bytes;
	r->type = STR("message/rfc822");
	return r->bytes ? blob_get(m->t, &email.blob, 0, SIZE_MAX, r->bytes) : OK;
}

static enum err upload_read(struct reading *r, struct txn *t)
{
	struct upload upload;
	struct object o;
	enum err e = object_get(t, r->what->account, OBJECT_UPLOAD, r->what->number, &o);

	if (e)
		return e;
	if (!upload_unpack(o.record, &upload))
		return ERR_CORRUPT;
	if (upload.who != r->caller->account)
		return ERR_MISSING;
	r->size = upload.size_bytes;
	r->type = str_dup(r->arena, upload.type);
	return r->bytes ? blob_get(t, &upload.blob, 0, SIZE_MAX, r->bytes) : OK;
}

static enum err script_read(struct reading *r, struct txn *t)
{
	const struct script_owner owner = { .account = r->what->account };
	struct script script;
	struct str name;
	enum err e;

	if (r->what->account != r->caller->account || !(r->caller->scopes & JMAP_SIEVE))
		return ERR_MISSING;
	if ((e = script_find_id(t, &owner, r->what->number, r->arena, &name)) ||
	    (e = script_get(t, &owner, name, &script)))
		return e;
	r->size = script.text.n;
	r->type = STR("application/sieve");
	if (r->bytes)
		buf_put(r->bytes, script.text);
	return r->bytes && !buf_ok(r->bytes) ? ERR_LIMIT : OK;
}

static enum err source_read(struct txn *t, void *arg)
{
	struct reading *r = arg;
	struct mail_txn m = { r->server->mailboxes, t, r->what->account, r->caller->account };

	if (r->bytes)
		buf_reset(r->bytes);
	if (r->what->script)
		return script_read(r, t);
	return r->what->upload ? upload_read(r, t) : email_read(r, &m);
}

/* Replaces raw by the decoded part of the message that it is. */
static enum err part_take(struct arena *a, struct buf *raw, uint32_t number, struct str *type)
{
	const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct message message;
	const struct part *part;
	struct buf decoded;
	struct str body;

	message_parse(a, buf_str(raw), &limits, &message);
	if (number >= message.n || message.parts[number].kind == PART_MULTIPART)
		return ERR_MISSING;
	part = &message.parts[number];
	*type = str_fmt(a, "%.*s/%.*s", STR_ARG(message_type(&message, part)),
	                STR_ARG(message_subtype(&message, part)));
	*type = str_lower(a, *type);
	body = message_str(&message, part->body);
	buf_init(&decoded, raw->max);
	decode_bytes(&decoded, part->encoding_kind, body);
	buf_deinit(raw);
	*raw = decoded;
	return buf_ok(raw) ? OK : ERR_LIMIT;
}

enum err jmap_blob_read(const struct jmap_server *s, const struct jmap_caller *c, struct str id,
                        struct arena *a, struct buf *out, struct str *type)
{
	struct jmap_blob what;
	struct buf bytes;
	struct reading r = { .server = s, .caller = c, .what = &what, .arena = a, .bytes = &bytes };
	struct arena parse = { 0 };
	enum err e;

	if (!jmap_blob_parse(id, &what))
		return ERR_MISSING;
	buf_init(&bytes, MAX(out->max - out->n, (size_t)1) + (what.levels ? MESSAGE_SIZE_MAX : 0));
	e = store_read(s->store, source_read, &r);
	for (size_t i = 0; e == OK && i < what.levels; i++) {
		e = part_take(&parse, &bytes, what.parts[i], &r.type);
		if (e == OK)
			r.type = str_dup(a, r.type);
		arena_deinit(&parse);
	}
	if (e == OK) {
		buf_put(out, buf_str(&bytes));
		e = buf_ok(out) ? OK : ERR_LIMIT;
	}
	if (e == OK && type != NULL)
		*type = r.type.n != 0 ? r.type : STR("application/octet-stream");
	arena_deinit(&parse);
	buf_deinit(&bytes);
	return e;
}

enum err jmap_blob_size(const struct jmap_server *s, const struct jmap_caller *c, struct str id,
                        uint64_t *size)
{
	struct arena a = { 0 };
	struct jmap_blob what;
	struct reading r = { .server = s, .caller = c, .what = &what, .arena = &a };
	enum err e = jmap_blob_parse(id, &what) && what.levels == 0
	                     ? store_read(s->store, source_read, &r)
	                     : ERR_MISSING;

	*size = r.size;
	arena_deinit(&a);
	return e;
}
