/* confine/capabilities.c: see confine.h; libc has no functions for these two calls. */
#include "confine/confine.h"
#include "confine/threads.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

static int capabilities_keep(void *arg)
{
	const uint64_t *keep = arg;
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	bool more = false;

	if (syscall(SYS_capget, &header, data) != 0)
		return errno;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		uint32_t bits = (uint32_t)(*keep >> (32 * i));

		more = more || (data[i].permitted & ~bits) != 0 || data[i].inheritable != 0;
		data[i].permitted &= bits;
		data[i].effective &= bits;
		data[i].inheritable = 0;
	}
	return more && syscall(SYS_capset, &header, data) != 0 ? errno : 0;
}

enum err confine_capabilities(uint64_t keep, bool every_thread, struct why *why)
{
	enum err e = OK;

	if (every_thread)
		e = threads_each(capabilities_keep, &keep, why);
	else if ((errno = capabilities_keep(&keep)) != 0)
		e = fail_errno(why, "this thread");
	return e ? fail_about(why, e, "capabilities cannot be given up") : OK;
}
