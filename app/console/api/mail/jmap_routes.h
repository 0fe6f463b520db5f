/* console/api/mail/jmap_routes.h: the routes of JMAP (protocols/jmap/jmap.h): the login of the
 * caller, pages of other origins, compression.
 *
 *	Basic    the account's password, unless it has a second factor, or an app password with the
 *	         scope imap; its scopes smtp and sieve allow submissions and Sieve scripts
 *	Bearer   an API token with the scope mail
 *	cookie   a session of the console; requests that may change something need X-CSRF */
#ifndef API_JMAP_ROUTES_H
#define API_JMAP_ROUTES_H
#include "network/http_server/http.h"

http_handler jmap_route_session, jmap_route_api, jmap_route_preflight;

/* Before a body is read: is the caller logged in? False: the response says why not. */
bool jmap_route_admit(const struct http_request *q, struct http_response *r);

#endif
