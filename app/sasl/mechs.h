/* sasl/mechs.h: what the mechanisms share among themselves; for this folder only.
 *
 * When adding one: a file of its own with its step function, a row in sasl.c's table, a row
 * in client.c's if Roost can log in elsewhere with it, tests of both. */
#ifndef SASL_MECHS_H
#define SASL_MECHS_H
#include "sasl/sasl.h"

enum sasl_status plain_step(struct sasl *s, const struct str *in, struct buf *out);
enum sasl_status login_step(struct sasl *s, const struct str *in, struct buf *out);

/* A name or password: 1 to SASL_FIELD_MAX bytes of UTF-8 without NUL. */
bool sasl_field_check(struct str field);

#endif
