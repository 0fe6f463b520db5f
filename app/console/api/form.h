/* console/api/form.h: POST /form/NAME: contact forms of web sites (ROOST_FORMS; see
 * docs/how-to/contact-forms.md). No login. The origin of the page, a field that people do not see,
 * and limits for each network keep machines out. */
#ifndef API_FORM_H
#define API_FORM_H
#include "network/http_server/http.h"

http_handler form_serve;     /* POST    */
http_handler form_preflight; /* OPTIONS */
/* Before the body of a POST is read. False: the form does not exist, and the response says so. */
bool form_admit(const struct http_request *q, struct http_response *r);

#endif
