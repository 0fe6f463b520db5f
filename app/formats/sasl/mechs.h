/* formats/sasl/mechs.h: shared by the mechanisms; for this folder only.
 *
 * To add one: a file with its step function, a row in sasl.c's table, a row in client.c's if Roost
 * can use it as a client, tests of both. */
#ifndef SASL_MECHS_H
#define SASL_MECHS_H
#include "formats/sasl/sasl.h"
#include "foundation/base/cur.h"

typedef enum sasl_status sasl_step_fn(struct sasl *s, const struct str *in, struct buf *out);

sasl_step_fn plain_step, login_step, external_step, cram_md5_step;
sasl_step_fn oauthbearer_step, xoauth2_step, scram_sha1_step, scram_sha256_step;

/* A name or password: 1 to SASL_FIELD_MAX bytes of UTF-8 without NUL. */
bool sasl_field_check(struct str field);

/* gs2-header = gs2-cbind-flag "," [ "a=" saslname ] "," RFC 5801 4, RFC 5802 7 flag is 'n', 'y' or
 * 'p'; binding is the name after "p="; authzid lives in a. On false abandon the parse. */
struct gs2 {
	char flag;
	struct str binding, authzid;
};
bool gs2_parse(struct cur *c, struct arena *a, struct gs2 *out);
/* saslname, up to the next ',': "=2C" and "=3D" are ',' and '=', in a. */
bool gs2_name_parse(struct cur *c, struct arena *a, struct str *out);

#endif
