/* console/api/access/access_private.h: what the files of this folder share. */
#ifndef ACCESS_PRIVATE_H
#define ACCESS_PRIVATE_H
#include "console/api/api.h"
#include "formats/webauthn/webauthn.h"

/* --- api_me.c ------------------------------------------------------------------------------ */

/* Is it the caller's own password? Counts and locks like any login. ERR_DENIED: no. */
enum err me_password_check(struct api_call *c, struct str password) MUST_USE;

/* --- passkey_site.c ------------------------------------------------------------------------ */

#define API_PASSKEY_COOKIE "roost_passkey"

/* The site and origin of the page that calls. Browsers know passkeys on pages that came over TLS
 * only, and on this machine itself: so it is the host name of the settings, or the one by which a
 * trusted proxy is called, or "localhost". ERR_CONFLICT: neither, and where to go instead. */
enum err passkey_site(struct api_call *c, struct webauthn_expected *out) MUST_USE;

/* Begin an attempt (attempt.h) that is bound to bound, with its cookie; the challenge in base64url
 * for the answer. */
struct str passkey_begin(struct api_call *c, struct str bound);
/* Take the attempt of the cookie: site, origin and challenge of it. ERR_DENIED: there is none, or
 * it was answered, or is too old. */
enum err passkey_take(struct api_call *c, struct str bound, struct webauthn_expected *out) MUST_USE;

/* A field of the body that is base64url, decoded; ERR_SYNTAX. */
enum err passkey_bytes(struct api_call *c, const char *field, struct str *out) MUST_USE;

#endif
