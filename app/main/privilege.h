/* main/privilege.h: run with no more rights than the data folder's owner has. */
#ifndef MAIN_PRIVILEGE_H
#define MAIN_PRIVILEGE_H
#include "base/err.h"

/* When this process is root's and folder exists and belongs to somebody else, become that
 * user and group for good. OK and nothing done otherwise. */
enum err privilege_drop(const char *folder, struct why *why) MUST_USE;

/* The same, but this thread may still listen at ports below 1024 (CAP_NET_BIND_SERVICE), until
 * privilege_bind_drop: which ports those are lies in the folder. Threads that run already keep
 * nothing. */
enum err privilege_drop_but_bind(const char *folder, struct why *why) MUST_USE;
void privilege_bind_drop(void);

#endif
