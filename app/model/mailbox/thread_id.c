/* model/mailbox/thread_id.c: see thread_id.h. */
#include "model/mailbox/thread_id.h"

#include "formats/message/header.h"
#include "formats/message/msgid.h"
#include "formats/message/subject.h"
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/fold.h"

#include <string.h>

enum { SUBJECT_MAX = 2048 }; /* bytes of it that are used */

/* The roots in the order of preference, then the subject. */
enum { ROOTS = 3, SUBJECT = ROOTS, FIELDS };
static const struct str names[FIELDS] = {
	{ "References", 10 },
	{ "In-Reply-To", 11 },
	{ "Message-ID", 10 },
	{ "Subject", 7 },
};

/* The first field of each name; empty when there is none. */
static void fields_find(struct str header, struct str values[FIELDS])
{
	struct cur c = cur_of(header);
	struct header_field field;

	while (header_next(&c, &field))
		for (size_t i = 0; i < FIELDS; i++)
			if (values[i].n == 0 && str_eqi(field.name, names[i]))
				values[i] = field.value;
}

static void root_put(struct buf *out, const struct str values[FIELDS], const struct blob_id *blob)
{
	struct str id = blob_id_str(blob);

	for (size_t i = 0; i < ROOTS; i++) {
		struct cur c = cur_of(values[i]);

		if (msgid_next(&c, &id))
			break;
	}
	pack_str(out, id);
}

static void subject_put(struct buf *out, struct str subject)
{
	struct arena a = { 0 };
	size_t to = out->n;
	bool reply;

	fold_casemap_put(out, subject_base(&a, subject, SUBJECT_MAX, &reply));
	for (size_t i = to; i < out->n; i++)
		if ((unsigned char)out->p[i] > ' ')
			out->p[to++] = out->p[i];
	buf_cut(out, to);
	arena_deinit(&a);
}

void thread_id_of(struct str header, const struct blob_id *blob, uint8_t out[THREAD_ID_BYTES])
{
	uint8_t hash[HASH_BYTES];
	struct str values[FIELDS] = { { 0 } };
	struct buf what;

	fields_find(header, values);
	buf_init(&what, 16 + MSGID_MAX + FOLD_GROWTH * SUBJECT_MAX);
	root_put(&what, values, blob);
	subject_put(&what, values[SUBJECT]);
	assert(buf_ok(&what));
	hash_blake2b_256(buf_str(&what), hash);
	memcpy(out, hash, THREAD_ID_BYTES);
	buf_deinit(&what);
}

enum err thread_id_get(const struct mail_txn *m, const struct email *email,
                       uint8_t out[THREAD_ID_BYTES])
{
	struct buf header;
	enum err e;

	if (email->thread.n == THREAD_ID_BYTES) {
		memcpy(out, email->thread.p, THREAD_ID_BYTES);
		return OK;
	}
	buf_init(&header, (size_t)email->header_bytes + 1);
	e = blob_get(m->t, &email->blob, 0, email->header_bytes, &header);
	if (!e)
		thread_id_of(buf_str(&header), &email->blob, out);
	buf_deinit(&header);
	return e;
}
