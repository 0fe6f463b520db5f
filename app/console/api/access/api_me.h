/* console/api/access/api_me.h: what the calls about the own account share. */
#ifndef API_API_ME_H
#define API_API_ME_H
#include "console/api/api.h"

/* Is it the caller's own password? Counts and locks like any login. ERR_DENIED: no. */
enum err me_password_check(struct api_call *c, struct str password) MUST_USE;

#endif
