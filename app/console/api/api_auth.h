/* console/api/api_auth.h: who calls, and may he? */
#ifndef API_API_AUTH_H
#define API_API_AUTH_H
#include "console/api/api_table.h"

#define API_COOKIE "roost_session"

struct ticket;

/* Fill c->who from the bearer token or the cookie; nobody when there is none, or it has ended.
 * *scopes: what a token allows, as in struct token. ERR_IO and such: of the store. */
enum err api_identify(struct api_call *c, unsigned *scopes) MUST_USE;

/* The same without a word to the store of its use. */
enum err api_look(struct api_call *c, unsigned *scopes) MUST_USE;

/* The session's id of the request's cookie. */
bool api_cookie(const struct http_request *q, struct ticket *out);

/* Did this page send the request, as far as the browser tells? A call that changes something must
 * come from a page of this server: Origin, Sec-Fetch-Site. why says what is amiss. */
bool api_same_origin(const struct http_request *q, struct why *why);

/* "name", "name:port", an address: and nothing else (RFC 9110 7.2). */
bool api_host_ok(struct str host);

#endif
