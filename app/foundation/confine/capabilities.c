/* foundation/confine/capabilities.c: see confine.h; libc has no functions for these two calls. */
#include "foundation/confine/confine.h"
#include "foundation/confine/threads.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

struct capabilities {
	struct __user_cap_data_struct halves[_LINUX_CAPABILITY_U32S_3];
};

static int capabilities_get(struct capabilities *c)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &header, c->halves) == 0 ? 0 : errno;
}

/* True: there were capabilities outside of keep. */
static bool capabilities_reduce(struct capabilities *c, uint64_t keep)
{
	bool more = false;

	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		struct __user_cap_data_struct *half = &c->halves[i];
		uint32_t bits = (uint32_t)(keep >> (32 * i));

		more = more || (half->permitted & ~bits) != 0 || half->inheritable != 0;
		half->permitted &= bits;
		half->effective &= bits;
		half->inheritable = 0;
	}
	return more;
}

static int capabilities_keep(void *arg)
{
	const uint64_t *keep = arg;
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct capabilities c;
	int failed = capabilities_get(&c);

	if (failed != 0 || !capabilities_reduce(&c, *keep))
		return failed;
	return syscall(SYS_capset, &header, c.halves) == 0 ? 0 : errno;
}

/* Threads inherit capabilities, so without any in the first thread the others have none. An
 * emulator of another processor has its own threads, which do not handle the signal. */
static bool none_to_give_up(uint64_t keep)
{
	struct capabilities c;

	return capabilities_get(&c) == 0 && !capabilities_reduce(&c, keep);
}

enum err confine_capabilities(uint64_t keep, bool every_thread, struct why *why)
{
	enum err e = OK;

	if (none_to_give_up(keep))
		return OK;
	if (every_thread)
		e = threads_each(capabilities_keep, &keep, why);
	else if ((errno = capabilities_keep(&keep)) != 0)
		e = fail_errno(why, "this thread");
	return e ? fail_about(why, e, "capabilities cannot be given up") : OK;
}
