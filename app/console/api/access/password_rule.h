/* console/api/access/password_rule.h: which passwords people may choose, and how hard one is to
 * guess.
 *
 * One rule wherever a password is set: console, setup, command line, environment (NIST SP 800-63B
 * 5.1.1.2: length, and none that is guessed at once; no rules about kinds of characters). */
#ifndef API_PASSWORD_RULE_H
#define API_PASSWORD_RULE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

/* 0 (at once) to 4 (not in a lifetime), against somebody who has the hash and knows the
 * address. *advice is static, empty from 3 on. Pure. */
int password_strength(struct str password, struct str address, struct str *advice);

/* May the account of this address have it? ERR_SYNTAX, with a sentence for the person: shorter
 * than LIMIT_password_least, no text that a login could carry (RFC 4616 2: UTF-8 without NUL), the
 * account's own name in it, or of strength 0, as everything is that leaked lists begin with.
 * Pure. */
enum err password_check(struct str password, struct str address, struct why *why) MUST_USE;

#endif
