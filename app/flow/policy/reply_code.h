/* flow/policy/reply_code.h: the codes by which a check may refuse: codes from a setting,
 * hook or filter must be valid in SMTP. Pure. */
#ifndef POLICY_REPLY_CODE_H
#define POLICY_REPLY_CODE_H
#include "foundation/base/str.h"

#include <stdint.h>

/* Is it a refusal of this class, 4 or 5? The second digit is 0 to 5 (RFC 5321 4.2). */
bool reply_code_is(uint64_t code, unsigned class);
/* "550", "451": 0 for anything but a refusal. */
unsigned reply_code_parse(struct str word);

/* Is it "5.7.1" of this class? RFC 3463 2 */
bool reply_status_is(struct str status, unsigned class);

#endif
