/* foundation/confine/confine.h: give up rights of this process permanently.
 *
 *	process.c       no new privileges, no core dump, no debugging by the same user
 *	capabilities.c  capabilities of root
 *	files.c         the part of the file system that it can reach (Landlock)
 *	calls.c         the system calls that it can make (seccomp), listed in calls.def
 *	threads.c       runs a function in each thread, since the kernel restricts threads
 *
 * Each restriction applies to all existing threads and to all that start later; the kernel cannot
 * lift it. Call these functions from one thread, while no other thread starts or ends threads on
 * behalf of a client. */
#ifndef CONFINE_H
#define CONFINE_H
#include "foundation/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* no_new_privs: a program that is executed gets no rights by set-user-ID or file capabilities.
 * Not dumpable: no core file, and /proc/PID/mem and ptrace are for root only. A change of the
 * user makes a process dumpable again, so call it after that too. */
void confine_process(void);

/* Give up all capabilities (bits 1 << CAP_...) that are not in keep, in every thread, or in this
 * one and those that it starts. */
enum err confine_capabilities(uint64_t keep, bool every_thread, struct why *why) MUST_USE;

enum confine_access {
	CONFINE_READ,    /* a file, or a folder and what is below it        */
	CONFINE_DEVICE,  /* a file: read and write                           */
	CONFINE_SOCKETS, /* a folder: create and remove sockets in it       */
	CONFINE_ALL,     /* a folder: all but executing and making devices */
};

struct confine_place {
	const char *path; /* a symbolic link is followed; a path that does not exist is skipped */
	enum confine_access access;
};

/* Allow opening, creating, renaming and removing in these places only. Open descriptors keep
 * working; stat(2) and connect(2) are not restricted. *abi is the kernel's version of Landlock.
 * ERR_MISSING: the kernel has no Landlock, and nothing is restricted. */
enum err confine_files(const struct confine_place *places, size_t count, unsigned *abi,
                       struct why *why) MUST_USE;

/* Allow only the system calls of calls.def. ERR_MISSING: the kernel has no seccomp filters, and
 * nothing is restricted. */
enum err confine_calls(struct why *why) MUST_USE;

#endif
