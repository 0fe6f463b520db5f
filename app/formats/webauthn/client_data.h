/* formats/webauthn/client_data.h: what a browser says of a ceremony (Web Authentication Level 2,
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

/* Is json the client data of this ceremony (CLIENT_DATA_*), for this challenge and origin, and of
 * a page that is in no frame of another? The challenge is compared in constant time. ERR_SYNTAX:
 * it is none at all. Memory of a is scratch. */
enum err client_data_check(struct str json, const char *type,
                           const struct webauthn_expected *expected, struct arena *a,
                           struct why *why) MUST_USE;

#endif
