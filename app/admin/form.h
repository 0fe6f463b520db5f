/* admin/form.h: POST /form/NAME: contact forms of web sites (ROOST_FORMS, docs/forms.md). No login;
 * what keeps machines out is the origin of the page, a field that people do not see, and how much
 * may come from one network. */
#ifndef ADMIN_FORM_H
#define ADMIN_FORM_H
#include "http/http.h"

http_handler form_serve;     /* POST    */
http_handler form_preflight; /* OPTIONS */

#endif
