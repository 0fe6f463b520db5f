/* flow/policy/reply_code.h: the codes by which a check may refuse: what a setting, a hook or a
 * filter says must still be a reply of SMTP. Pure. */
#ifndef POLICY_REPLY_CODE_H
#define POLICY_REPLY_CODE_H
#include "foundation/base/str.h"

#include <stdint.h>

/* A refusal of this class, 4 or 5? The second digit goes to 5 (RFC 5321 4.2). */
bool reply_code_is(uint64_t code, unsigned class);
/* "550", "451": 0 for anything that refuses nothing. */
unsigned reply_code_parse(struct str word);

/* "5.7.1" of this class			RFC 3463 2 */
bool reply_status_is(struct str status, unsigned class);

#endif
