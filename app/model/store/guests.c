/* model/store/guests.c: see guests.h. */
#include "model/store/guests.h"

#include "foundation/base/clock.h"
#include "foundation/base/fault.h"

#include <errno.h>
#include <fcntl.h>

enum { COMING = 0, BEHIND = 1 }; /* offsets: a lock does not need existing bytes */

enum { PATIENCE_MS = 30000, STEP_MS = 2 };

static struct flock byte_lock(short type, off_t byte)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
}

/* Does not wait. */
static bool lock_take(int fd, short type, off_t byte)
{
	struct flock lock = byte_lock(type, byte);

	return !fault("guests_lock") && fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

enum err guest_enter(int fd, struct why *why)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	if (!lock_take(fd, F_RDLCK, COMING)) {
		/* A kernel without such locks: on it, servers do not use the journal. */
		return errno == EINVAL ? OK : fail_errno(why, "cannot lock the journal");
	}
	while (!lock_take(fd, F_RDLCK, BEHIND)) {
		if (errno != EAGAIN && errno != EACCES)
			return fail_errno(why, "cannot lock the journal");
		if (clock_mono_ms() >= until)
			return fail(why, ERR_RETRY,
			            "the server that runs on this folder does not answer");
		clock_sleep_ms(STEP_MS);
	}
	return OK;
}

bool guests_here(int fd)
{
	struct flock lock = byte_lock(F_WRLCK, COMING);

	return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

bool guests_shut_out(int fd)
{
	return lock_take(fd, F_WRLCK, BEHIND);
}

void guests_let_in(int fd)
{
	struct flock lock = byte_lock(F_UNLCK, BEHIND);

	fcntl(fd, F_OFD_SETLK, &lock); /* cannot fail: it is ours */
}
