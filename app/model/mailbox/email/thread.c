/* model/mailbox/email/thread.c: see thread.h. */
#include "model/mailbox/thread.h"

#include "formats/message/envelope.h"
#include "formats/message/header.h"
#include "formats/message/msgid.h"
#include "formats/message/subject.h"
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/fold.h"
#include "model/mailbox/email.h"
#include "model/mailbox/keys.h"
#include "model/store/store.h"

#include <string.h>

enum {
	SUBJECT_MAX = 2048,    /* bytes of it that are used */
	REFERENCES_MAX = 1000, /* identifiers of References that are read */
	PLACE = 4 + 8,         /* in the key of THREAD: account, thread, then the email */
};

/* --- Keys of a message ------------------------------------------------------------------ */

enum { OWN, PARENT, REFERENCES, SUBJECT, FIELDS };
static const struct str names[FIELDS] = {
	{ "Message-ID", 10 },
	{ "In-Reply-To", 11 },
	{ "References", 10 },
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

/* Without white space, followed by a byte that no subject has. */
static void subject_hash(struct hash_blake2b *h, struct str subject)
{
	struct arena a = { 0 };
	struct buf out;
	size_t to = 0;
	bool reply;

	buf_init(&out, 16 + FOLD_GROWTH * SUBJECT_MAX);
	fold_casemap_put(&out, subject_base(&a, subject, SUBJECT_MAX, &reply));
	for (size_t i = 0; i < out.n; i++)
		if ((unsigned char)out.p[i] > ' ')
			out.p[to++] = out.p[i];
	buf_cut(&out, to);
	buf_byte(&out, '\0');
	assert(buf_ok(&out));
	hash_blake2b_init(h);
	hash_blake2b_update(h, buf_str(&out));
	buf_deinit(&out);
	arena_deinit(&a);
}

static void thread_key_add(struct thread_keys *out, const struct hash_blake2b *subject,
                           struct str id)
{
	struct hash_blake2b h = *subject;
	uint8_t hash[HASH_BYTES];

	if (out->n == THREAD_KEYS_MAX)
		return;
	hash_blake2b_update(&h, id);
	hash_blake2b_final(&h, hash);
	for (size_t i = 0; i < out->n; i++)
		if (memcmp(out->keys[i], hash, THREAD_KEY_BYTES) == 0)
			return;
	memcpy(out->keys[out->n++], hash, THREAD_KEY_BYTES);
}

/* The last ones, which are the nearest (RFC 5322 3.6.4), from the end. */
static void references_add(struct thread_keys *out, const struct hash_blake2b *subject,
                           struct str value)
{
	struct str last[THREAD_KEYS_MAX];
	struct cur c = cur_of(value);
	size_t n = 0;

	while (n < REFERENCES_MAX && msgid_next(&c, &last[n % THREAD_KEYS_MAX]))
		n++;
	for (size_t i = 0; i < MIN(n, (size_t)THREAD_KEYS_MAX); i++)
		thread_key_add(out, subject, last[(n - 1 - i) % THREAD_KEYS_MAX]);
}

static void keys_add(struct thread_keys *out, const struct str values[FIELDS],
                     const struct blob_id *blob)
{
	struct str id = blob_id_str(blob);
	struct hash_blake2b subject;
	struct cur c = cur_of(values[OWN]);

	subject_hash(&subject, values[SUBJECT]);
	(void)msgid_next(&c, &id);
	thread_key_add(out, &subject, id);
	for (c = cur_of(values[PARENT]); out->n < THREAD_KEYS_MAX && msgid_next(&c, &id);)
		thread_key_add(out, &subject, id);
	references_add(out, &subject, values[REFERENCES]);
}

void thread_keys_of(struct str header, const struct blob_id *blob, struct thread_keys *out)
{
	struct str values[FIELDS] = { { 0 } };

	out->n = 0;
	fields_find(header, values);
	keys_add(out, values, blob);
}

void thread_keys_of_envelope(const struct envelope *e, const struct blob_id *blob, struct str more,
                             struct thread_keys *out)
{
	const struct str values[FIELDS] = { [OWN] = e->message_id,
		                            [PARENT] = e->in_reply_to,
		                            [SUBJECT] = e->subject };

	memcpy(out->keys[0], more.p, THREAD_KEY_BYTES);
	out->n = 1;
	keys_add(out, values, blob);
}

enum err thread_keys_read(const struct mail_txn *m, const struct email *email,
                          struct thread_keys *out)
{
	struct buf header;
	enum err e;

	buf_init(&header, (size_t)email->header_bytes + 1);
	e = blob_get(m->t, &email->blob, 0, email->header_bytes, &header);
	if (!e)
		thread_keys_of(buf_str(&header), &email->blob, out);
	buf_deinit(&header);
	return e;
}

/* --- Threads ---------------------------------------------------------------------------- */

static enum err thread_key_find(const struct mail_txn *m, const uint8_t *hash, uint64_t *thread)
{
	struct str record;
	struct unpack u;
	struct key k;
	enum err e;

	key_thread_key(&k, m->account, hash);
	if ((e = kv_get(m->t, SPACE_THREAD_KEY, key_str(&k), &record)))
		return e;
	u = unpack_of(record);
	*thread = unpack_u64(&u);
	return unpack_ok(&u) && *thread ? OK : ERR_MISSING; /* fsck reports it */
}

static enum err thread_key_put(const struct mail_txn *m, const uint8_t *hash, uint64_t thread)
{
	char room[16];
	struct key k;
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, thread);
	key_thread_key(&k, m->account, hash);
	return kv_put(m->t, SPACE_THREAD_KEY, key_str(&k), buf_str(&b));
}

enum err thread_join(const struct mail_txn *m, const struct thread_keys *keys, uint64_t email,
                     uint64_t *thread)
{
	char kept[THREAD_KEYS_MAX * THREAD_KEY_BYTES];
	size_t n = 0;
	uint64_t found;
	struct key k;
	enum err e = OK;

	*thread = 0;
	for (size_t i = 0; i < keys->n; i++) {
		e = thread_key_find(m, keys->keys[i], &found);
		if (e && e != ERR_MISSING)
			return e;
		if (!e && *thread == 0)
			*thread = found;
		if (!e)
			continue;
		memcpy(kept + n, keys->keys[i], THREAD_KEY_BYTES);
		n += THREAD_KEY_BYTES;
	}
	if (*thread == 0)
		*thread = email;
	for (size_t i = 0; i < n; i += THREAD_KEY_BYTES)
		if ((e = thread_key_put(m, (const uint8_t *)kept + i, *thread)))
			return e;
	key_thread(&k, m->account, *thread, email);
	return kv_put(m->t, SPACE_THREAD, key_str(&k), str_from(kept, n));
}

static enum err keys_delete(const struct mail_txn *m, struct str kept)
{
	struct key k;
	enum err e = OK;

	for (size_t i = 0; i + THREAD_KEY_BYTES <= kept.n && !e; i += THREAD_KEY_BYTES) {
		key_thread_key(&k, m->account, (const uint8_t *)kept.p + i);
		e = kv_del(m->t, SPACE_THREAD_KEY, key_str(&k));
		e = e == ERR_MISSING ? OK : e;
	}
	return e;
}

struct kept {
	size_t n; /* bytes */
	char p[THREAD_KEPT_MAX * THREAD_KEY_BYTES];
};

static void kept_add(struct kept *k, struct str more)
{
	size_t n = MIN(more.n, sizeof k->p - k->n);

	if (n)
		memcpy(k->p + k->n, more.p, n);
	k->n += n;
}

static uint64_t key_number(struct str key, size_t place)
{
	struct unpack u = unpack_of(str_sub(key, place, SIZE_MAX));

	return unpack_be64(&u);
}

/* Passes keys on to the first email of the thread, as many as fit; the others are deleted. */
static enum err keys_pass(const struct mail_txn *m, uint64_t thread, const struct kept *left)
{
	struct kept all = { 0 };
	struct kv_iter it;
	struct key k;
	size_t had = 0;
	bool found;
	enum err e;

	key_threads(&k, m->account, thread);
	kv_iter_prefix(&it, m->t, SPACE_THREAD, key_str(&k));
	if ((found = kv_iter_next(&it))) {
		key_thread(&k, m->account, thread, key_number(it.key, PLACE));
		kept_add(&all, it.val);
		had = all.n;
		kept_add(&all, str_from(left->p, left->n));
	}
	e = kv_iter_end(&it);
	if (!e && found)
		e = kv_put(m->t, SPACE_THREAD, key_str(&k), str_from(all.p, all.n));
	return e ? e : keys_delete(m, str_from(left->p + (all.n - had), left->n - (all.n - had)));
}

enum err thread_leave(const struct mail_txn *m, uint64_t thread, uint64_t email)
{
	struct kept kept = { 0 };
	struct str record;
	struct key k;
	enum err e;

	key_thread(&k, m->account, thread, email);
	e = kv_get(m->t, SPACE_THREAD, key_str(&k), &record);
	if (e)
		return e == ERR_MISSING ? OK : e;
	kept_add(&kept, record);
	if ((e = kv_del(m->t, SPACE_THREAD, key_str(&k))) || kept.n == 0)
		return e;
	return keys_pass(m, thread, &kept);
}

/* --- Reading ---------------------------------------------------------------------------- */

enum err thread_get(const struct mail_txn *m, uint64_t thread, struct arena *a,
                    struct thread_list *out)
{
	struct kv_iter it;
	struct key k;
	size_t cap = 0;
	enum err e;

	*out = (struct thread_list){ 0 };
	key_threads(&k, m->account, thread);
	kv_iter_prefix(&it, m->t, SPACE_THREAD, key_str(&k));
	while (kv_iter_next(&it)) {
		if (out->n == cap) {
			uint64_t *old = out->emails;

			cap = 2 * cap + 8;
			out->emails = arena_array(a, uint64_t, cap);
			for (size_t i = 0; i < out->n; i++)
				out->emails[i] = old[i];
		}
		out->emails[out->n++] = key_number(it.key, PLACE);
	}
	e = kv_iter_end(&it);
	return e ? e : out->n ? OK : ERR_MISSING;
}

enum err thread_search(const struct mail_txn *m, uint64_t email, uint64_t *thread)
{
	struct kv_iter it;
	struct key k;
	bool found = false;
	enum err e;

	key_init(&k, m->account);
	kv_iter_prefix(&it, m->t, SPACE_THREAD, key_str(&k));
	while (!found && kv_iter_next(&it)) {
		found = key_number(it.key, PLACE) == email;
		*thread = key_number(it.key, 4);
	}
	e = kv_iter_end(&it);
	return e ? e : found ? OK : ERR_MISSING;
}
