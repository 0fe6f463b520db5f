/* formats/mailauth/dkim_record.c: a key's record in DNS (RFC 6376 3.6.1, RFC 8463 4); see
 * dkim.h. */
#include "formats/mailauth/dkim.h"
#include "formats/mailauth/tags.h"
#include "foundation/base/arena.h"
#include "foundation/text/base64.h"

enum { RECORD_MAX = 4096 };

struct str dkim_record(enum dkim_algorithm algorithm, struct str public, struct arena *a)
{
	struct str text;
	struct buf b;

	buf_init(&b, RECORD_MAX);
	buf_fmt(&b, "v=DKIM1; k=%s; p=", algorithm == DKIM_RSA_SHA256 ? "rsa" : "ed25519");
	base64_put(&b, public);
	assert(buf_ok(&b));
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

bool dkim_record_same(struct str a, struct str b)
{
	const struct str k = STR("k"), p = STR("p"), v = STR("v");
	struct tags x, y;

	return tags_parse(a, &x) && tags_parse(b, &y) &&
	       str_eq(tags_value(&x, v, STR("DKIM1")), tags_value(&y, v, STR("DKIM1"))) &&
	       str_eq(tags_value(&x, k, STR("rsa")), tags_value(&y, k, STR("rsa"))) &&
	       tags_same_packed(tags_value(&x, p, STR_EMPTY), tags_value(&y, p, STR_EMPTY));
}
