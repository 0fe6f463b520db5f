/* operations/doctor/own/own_sts.c: see own_sts.h. */
#include "operations/doctor/own/own_sts.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/hash.h"

/* How long a policy that was fetched counts, in seconds. A week when it is meant (RFC 8461 3.2
 * suggests weeks), a day while it is tried out or withdrawn. */
enum { WEEK_S = 604800, DAY_S = 86400, POLICY_MAX = 1024, ID_BYTES = 10 };

void mta_sts_policy_put(struct buf *out, enum mta_sts_mode mode, struct str mx)
{
	buf_fmt(out, "version: STSv1\r\nmode: %s\r\n", mta_sts_name(mode));
	if (mode != MTA_STS_NONE) /* RFC 8461 3.2: then it may have none */
		buf_fmt(out, "mx: %.*s\r\n", STR_ARG(mx));
	buf_fmt(out, "max_age: %d\r\n", mode == MTA_STS_ENFORCE ? WEEK_S : DAY_S);
}

/* sts-id = %s"id" *WSP "=" *WSP 1*32(ALPHA / DIGIT)			RFC 8461 3.1 */
struct str mta_sts_id(enum mta_sts_mode mode, struct str mx, struct arena *a)
{
	uint8_t digest[HASH_BYTES];
	struct str id;
	struct buf b;

	buf_init(&b, POLICY_MAX);
	mta_sts_policy_put(&b, mode, mx);
	hash_sha256(buf_str(&b), digest);
	buf_reset(&b);
	for (size_t i = 0; i < ID_BYTES; i++)
		buf_fmt(&b, "%02x", digest[i]);
	id = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return id;
}
