/* model/mailbox/keys.c: see keys.h. */
#include "model/mailbox/keys.h"

#include "model/mailbox/thread.h"

#include <string.h>

static void key_be(struct key *k, unsigned bytes, uint64_t n)
{
	assert(k->n + bytes <= KEY_MAX);
	for (unsigned i = bytes; i-- > 0; n >>= 8)
		k->p[k->n + i] = (char)n;
	k->n += bytes;
}

void key_u32(struct key *k, uint32_t n)
{
	key_be(k, 4, n);
}

void key_u64(struct key *k, uint64_t n)
{
	key_be(k, 8, n);
}

void key_bytes(struct key *k, struct str s)
{
	assert(s.n <= KEY_MAX - k->n);
	if (s.n)
		memcpy(k->p + k->n, s.p, s.n);
	k->n += s.n;
}

struct str key_str(const struct key *k)
{
	return str_from(k->p, k->n);
}

void key_init(struct key *k, uint32_t account)
{
	k->n = 0;
	key_u32(k, account);
}

void key_mailbox(struct key *k, uint32_t account, uint32_t mailbox)
{
	key_init(k, account);
	key_u32(k, mailbox);
}

void key_name(struct key *k, uint32_t account, uint32_t parent, struct str leaf)
{
	key_init(k, account);
	key_u32(k, parent);
	key_bytes(k, leaf);
}

void key_email(struct key *k, uint32_t account, uint64_t email)
{
	key_init(k, account);
	key_u64(k, email);
}

void key_placement(struct key *k, uint32_t account, uint64_t email, uint32_t mailbox,
                   uint32_t uid)
{
	key_email(k, account, email);
	key_u32(k, mailbox);
	key_u32(k, uid);
}

void key_uids(struct key *k, uint32_t account, uint32_t mailbox)
{
	key_init(k, account);
	key_u32(k, mailbox);
}

void key_uid(struct key *k, uint32_t account, uint32_t mailbox, uint32_t uid)
{
	key_uids(k, account, mailbox);
	key_u32(k, uid);
}

void key_pending_deletion(struct key *k, uint32_t account, uint64_t email)
{
	key_uids(k, account, 0);
	key_u64(k, email);
}

void key_change(struct key *k, uint32_t account, uint64_t modseq, uint32_t number)
{
	key_init(k, account);
	key_u64(k, modseq);
	key_u32(k, number);
}

void key_threads(struct key *k, uint32_t account, uint64_t thread)
{
	key_init(k, account);
	key_u64(k, thread);
}

void key_thread(struct key *k, uint32_t account, uint64_t thread, uint64_t email)
{
	key_threads(k, account, thread);
	key_u64(k, email);
}

void key_thread_key(struct key *k, uint32_t account, const uint8_t *hash)
{
	key_init(k, account);
	key_bytes(k, str_from((const char *)hash, THREAD_KEY_BYTES));
}

void key_thread_box(struct key *k, uint32_t account, uint32_t mailbox, uint64_t thread)
{
	key_mailbox(k, account, mailbox);
	key_u64(k, thread);
}

/* With the sign bit inverted, times before 1970 come first. */
void key_dated(struct key *k, uint32_t account, uint32_t mailbox, int64_t internal_ms, uint32_t uid)
{
	key_mailbox(k, account, mailbox);
	key_u64(k, (uint64_t)internal_ms ^ UINT64_C(1) << 63);
	key_u32(k, uid);
}
