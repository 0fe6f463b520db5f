/* formats/webauthn/client_data.h: the check of a browser's client data (Web Authentication Level 2,
 * 5.8.1). */
#ifndef WEBAUTHN_CLIENT_DATA_H
#define WEBAUTHN_CLIENT_DATA_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct webauthn_expected;

#define CLIENT_DATA_CREATE "webauthn.create"
#define CLIENT_DATA_GET "webauthn.get"

enum { CLIENT_DATA_MAX = 4096 /* bytes; browsers write some 200 */ };

/* Check that json is the client data of this ceremony (CLIENT_DATA_*), for this challenge and
 * origin, from a page that is not in a frame of another site. The challenge is compared in constant
 * time. ERR_SYNTAX: malformed. a is used as scratch. */
enum err client_data_check(struct str json, const char *type,
                           const struct webauthn_expected *expected, struct arena *a,
                           struct why *why) MUST_USE;

#endif
