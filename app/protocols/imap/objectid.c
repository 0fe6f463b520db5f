/* protocols/imap/objectid.c: see objectid.h. */
#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"
#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/thread_id.h"
#include "protocols/imap/objectid.h"

enum { ID_BYTES = THREAD_ID_BYTES }; /* of a hash: enough to avoid collisions on one server */

/* kind: distinguishes ids of different kinds (5.2), and the first character must be a
 * letter (8.1). */
static void id_put(struct buf *out, char kind, const uint8_t id[ID_BYTES])
{
	buf_byte(out, kind);
	for (size_t i = 0; i < ID_BYTES; i++) /* no capitals: 8.1 */
		buf_fmt(out, "%02x", id[i]);
}

void imap_mailboxid_put(struct buf *out, const struct mailbox *box)
{
	buf_fmt(out, "(F%" PRIu32 "-%" PRIu32 ")", box->account, box->id);
}

void imap_emailid_put(struct buf *out, const struct email *e)
{
	uint8_t hash[HASH_BYTES];
	struct buf what;

	buf_init(&what, BLOB_ID_BYTES + 16);
	pack_str(&what, blob_id_str(&e->blob));
	pack_u64(&what, (uint64_t)e->internal_ms);
	hash_sha256(buf_str(&what), hash);
	buf_deinit(&what);
	id_put(out, 'M', hash);
}

void imap_threadid_put(struct buf *out, const uint8_t id[THREAD_ID_BYTES])
{
	id_put(out, 'T', id);
}
