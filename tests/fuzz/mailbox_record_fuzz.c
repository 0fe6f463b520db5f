/* A row of mailbox/, whatever its bytes, is refused or says something that, written again,
 * says the same. */
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "model/mailbox/own_seen.h"
#include "model/mailbox/records.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void try_email(struct str in)
{
	struct email a, b;
	struct buf out;

	if (!email_unpack(in, &a))
		return;
	buf_init(&out, in.n + 64);
	email_pack(&out, &a);
	assert(buf_ok(&out) && email_unpack(buf_str(&out), &b));
	assert(str_eq(blob_id_str(&a.blob), blob_id_str(&b.blob)));
	assert(a.size_bytes == b.size_bytes && a.header_bytes == b.header_bytes);
	assert(a.internal_ms == b.internal_ms && a.sent_ms == b.sent_ms);
	assert(str_eq(a.envelope, b.envelope) && str_eq(a.structure, b.structure));
	assert(str_eq(a.preview, b.preview) && str_eq(a.packed, b.packed));
	buf_deinit(&out);
}

static void try_change(struct str in)
{
	struct change c;
	struct change_runs rest;
	size_t left;

	if (!change_unpack(in, &c, &rest))
		return;
	assert(c.kind >= CHANGE_APPEARED && c.kind < CHANGE_KINDS);
	assert(c.shown >= -1 && c.shown <= 1);
	assert(c.who == 0 || c.kind == CHANGE_SEEN);
	for (left = cur_left(&rest.c); change_run_unpack(&rest, &c); left = cur_left(&rest.c))
		assert(cur_left(&rest.c) < left && c.uid != 0 && c.count != 0);
	assert(cur_left(&rest.c) == left);
}

static void try_own_seen(struct str in)
{
	uint64_t bits[SEEN_BLOCK / 64];
	uint32_t count, n = 0;

	if (!own_seen_unpack(in, &count, bits))
		return;
	for (size_t i = 0; i < COUNT(bits); i++)
		n += (uint32_t)__builtin_popcountll(bits[i]);
	assert(n == count && count <= SEEN_BLOCK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct account_state state;
	struct email_row row;
	struct mailbox box;

	try_email(in);
	try_change(in);
	try_own_seen(in);
	(void)state_unpack(in, &state);
	(void)email_row_unpack(in, &row);
	if (mailbox_unpack(in, &box))
		assert(box.role < ROLES && box.leaf.n <= n);
	return 0;
}
