/* console/server/privilege.h: run with no more rights than the data folder's owner has. */
#ifndef SERVER_PRIVILEGE_H
#define SERVER_PRIVILEGE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

/* ROOST_USER, when it is not empty: see that the folder exists and belongs to this user, so that
 * the functions below become it. user is a name, a uid or uid:gid. A new folder, and an empty one
 * of root's, is given to the user; ERR_DENIED: the folder belongs to another one, or this process
 * is not root's and of another user. */
enum err privilege_user(struct str user, const char *folder, struct why *why) MUST_USE;

/* When this process is root's and folder exists and belongs to somebody else, become that
 * user and group for good. OK and nothing done otherwise. */
enum err privilege_drop(const char *folder, struct why *why) MUST_USE;

/* The same, but this thread may still listen at ports below 1024 (CAP_NET_BIND_SERVICE), until
 * privilege_bind_drop: which ports those are lies in the folder. Threads that run already keep
 * nothing. */
enum err privilege_drop_but_bind(const char *folder, struct why *why) MUST_USE;

/* Every thread, or this one, gives up the capabilities that a running server does not need. A
 * process that was not started as root, or stays root, keeps CAP_NET_BIND_SERVICE if it has it, for
 * settings that change; root also keeps access to files of other users. */
enum err privilege_bind_drop(bool every_thread, struct why *why) MUST_USE;

#endif
