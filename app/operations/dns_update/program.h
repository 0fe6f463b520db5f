/* operations/dns_update/program.h: the program of ROOST_DNS_UPDATE_HOOK, run by a process
 * of its own.
 *
 * The server cannot execute programs (foundation/confine/calls.def). So, if a program is
 * set, it first starts a helper that can execute only that path:
 *
 *	server --- words, each with a NUL ---> helper --- posix_spawn ---> program
 *	       <-- struct answer -------------        <-- status, first line of stderr
 *
 * The helper has the server's user, and no_new_privs, but neither its store nor its
 * sockets. */
#ifndef DNS_UPDATE_PROGRAM_H
#define DNS_UPDATE_PROGRAM_H
#include "foundation/base/err.h"

#include <stdint.h>

/* Start the helper. Call it before the process has threads, or files that the helper must
 * not have, and with signals blocked that must not end the helper. prepare runs in the
 * helper, which ends if it fails. path lives as long as the process. */
enum err program_helper_start(const char *path, enum err (*prepare)(void *arg), void *arg,
                              struct why *why) MUST_USE;

/* Run argv[0], the helper's path. wait as in hook.h; errors as hook_run. */
enum err program_run(const char *const argv[], bool (*wait)(void *arg, int64_t ms), void *arg,
                     struct why *why) MUST_USE;

#endif
