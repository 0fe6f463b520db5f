/* protocols/jmap/blobs/upload.c: storing uploads, and removing those that have expired. */
#include "protocols/jmap/blobs/upload.h"

#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/objects/objects.h"
#include "model/store/store.h"
#include "protocols/jmap/blobs/blob.h"
#include "protocols/jmap/jmap.h"

enum { UPLOAD_FORM = 1, RECORD_MAX = 1024, TYPE_MAX = 255, EXPIRE_BATCH = 100 };

void upload_pack(struct buf *out, const struct upload *u)
{
	pack_u64(out, UPLOAD_FORM);
	pack_str(out, blob_id_str(&u->blob));
	pack_u64(out, u->size_bytes);
	pack_u64(out, u->who);
	pack_str(out, u->type);
}

bool upload_unpack(struct str record, struct upload *out)
{
	struct unpack u = unpack_of(record);

	if (unpack_u64(&u) != UPLOAD_FORM || !blob_id_of(unpack_str(&u), &out->blob))
		return false;
	out->size_bytes = unpack_u64(&u);
	out->who = unpack_u32(&u);
	out->type = unpack_str(&u);
	return unpack_ok(&u);
}

/* --- Adding --- */

struct adding {
	uint32_t account;
	struct upload upload;
	const struct blob_draft *draft;
	uint64_t id;
};

/* The bytes of all unused uploads of the account. */
static enum err kept_bytes(struct txn *t, uint32_t account, uint64_t *bytes)
{
	struct object_walk w;
	struct object o;

	*bytes = 0;
	object_walk_init(&w, t, account, OBJECT_UPLOAD, 0);
	while (object_walk_next(&w, &o)) {
		struct upload u;

		if (upload_unpack(o.record, &u))
			*bytes += u.size_bytes;
	}
	return object_walk_end(&w);
}

static enum err add(struct txn *t, void *arg)
{
	char room[RECORD_MAX];
	struct adding *x = arg;
	struct buf record;
	uint64_t kept;
	enum err e;

	if ((e = kept_bytes(t, x->account, &kept)))
		return e;
	if (kept + x->upload.size_bytes > LIMIT_jmap_uploads_bytes)
		return ERR_LIMIT;
	buf_init_in(&record, room, sizeof room);
	upload_pack(&record, &x->upload);
	assert(buf_ok(&record));
	e = object_add(t, x->account, OBJECT_UPLOAD, LIMIT_jmap_uploads_kept, buf_str(&record),
	               clock_real_ms() + LIMIT_jmap_upload_s * (int64_t)1000, &x->id);
	return e ? e : blob_put(t, x->draft, NULL);
}

enum err jmap_upload_add(const struct jmap_server *s, const struct jmap_caller *c,
                         struct str bytes, struct str type, struct arena *a, struct str *id,
                         struct why *why)
{
	struct adding x = { .account = c->account,
		            .upload = { .size_bytes = bytes.n,
		                        .who = c->account,
		                        .type = str_sub(type, 0, TYPE_MAX) } };
	struct blob_draft *draft = NULL;
	enum err e = ERR_RETRY;

	for (unsigned tries = 0; e == ERR_RETRY && tries < 3; tries++) { /* see blob_put */
		blob_draft_free(&draft);
		if ((e = blob_prepare(s->store, &bytes, 1, &draft, why)))
			break;
		x.draft = draft;
		x.upload.blob = blob_draft_id(draft);
		e = store_write(s->store, add, &x, why);
	}
	blob_draft_free(&draft);
	if (e == ERR_LIMIT)
		fail(why, e, "the account has more unused uploads than it may have");
	if (e == OK)
		*id = jmap_blob_text(a, &(struct jmap_blob){ .upload = true,
		                                             .account = c->account,
		                                             .number = x.id });
	return e;
}

/* --- Expiry --- */

struct expiring {
	int64_t now_ms, next_ms;
	bool more;
};

static enum err expire(struct txn *t, void *arg)
{
	struct expiring *x = arg;
	enum err e = OK;

	x->more = true;
	for (unsigned i = 0; e == OK && i < EXPIRE_BATCH; i++) {
		uint32_t account;
		uint64_t id;

		e = object_due(t, OBJECT_UPLOAD, x->now_ms, &account, &id, &x->next_ms);
		if (e == ERR_MISSING) {
			x->more = false;
			return OK;
		}
		if (e == OK) /* also drops the reference to the blob */
			e = object_remove(t, account, OBJECT_UPLOAD, id);
		if (e == ERR_MISSING)
			e = ERR_CORRUPT;
	}
	return e;
}

enum err jmap_uploads_expire(struct store *s, int64_t now_ms, int64_t *next_ms)
{
	struct expiring x = { .now_ms = now_ms, .more = true };
	enum err e = OK;

	while (e == OK && x.more)
		e = store_write(s, expire, &x, NULL);
	*next_ms = x.next_ms;
	return e;
}
