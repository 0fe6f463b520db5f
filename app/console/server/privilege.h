/* console/server/privilege.h: run with the rights of the data folder's owner. */
#ifndef SERVER_PRIVILEGE_H
#define SERVER_PRIVILEGE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

/* ROOST_USER, when it is not empty: check that the folder exists and belongs to this user, whose
 * rights the functions below take. user is a name, a uid or uid:gid. A new folder, and an empty one
 * of root, is given to the user; ERR_DENIED: the folder belongs to another user, or this process
 * runs neither as root nor as user. */
enum err privilege_user(struct str user, const char *folder, struct why *why) MUST_USE;

/* When this process runs as root and folder belongs to another user, become that user and group for
 * good. OK without effect otherwise. */
enum err privilege_drop(const char *folder, struct why *why) MUST_USE;

/* The same, but this thread may still bind ports below 1024 (CAP_NET_BIND_SERVICE), until
 * privilege_bind_drop, because the ports are a setting in the folder. Other threads keep
 * nothing. */
enum err privilege_drop_but_bind(const char *folder, struct why *why) MUST_USE;

/* Give up the capabilities that a running server does not need, in every thread or in this one. A
 * process that was not started as root, or stays root, keeps CAP_NET_BIND_SERVICE if it has it, for
 * later changes of settings; root also keeps access to files of other users. */
enum err privilege_bind_drop(bool every_thread, struct why *why) MUST_USE;

#endif
