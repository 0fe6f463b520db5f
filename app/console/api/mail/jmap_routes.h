/* console/api/mail/jmap_routes.h: the routes of JMAP (protocols/jmap/jmap.h): rate limits, the
 * login (jmap_login.h), pages of other origins (ROOST_CORS_ORIGINS), compression. */
#ifndef API_JMAP_ROUTES_H
#define API_JMAP_ROUTES_H
#include "network/http_server/http.h"

http_handler jmap_route_session, jmap_route_api, jmap_route_upload, jmap_route_download,
	jmap_route_preflight, jmap_route_events, jmap_route_socket;

/* Before the body of a POST is read: is the caller logged in, or may it be? False: the response
 * says why not. */
bool jmap_route_admit(const struct http_request *q, struct http_response *r);

#endif
