/* admin/api_me.h: what the calls about the own account share. */
#ifndef ADMIN_API_ME_H
#define ADMIN_API_ME_H
#include "admin/api.h"

/* ERR_DENIED for a token, which could make itself other ways in that outlive it. */
enum err me_not_by_token(struct api_call *c) MUST_USE;

/* Is it the caller's own password? Counts and locks like any login. ERR_DENIED: no. */
enum err me_password_check(struct api_call *c, struct str password) MUST_USE;

#endif
