/* foundation/confine/calls.c: see confine.h. Builds a program for the kernel's filter (seccomp,
 * classic BPF) from the list in calls.def:
 *
 *	another architecture -> end the process
 *	for each row: the number and the argument are the row's -> the row's action
 *	else EPERM
 *
 * The kernel caches the numbers that are allowed for all arguments (since 5.11), so frequent calls
 * do not run the program. */
#include "foundation/confine/confine.h"

#include "foundation/base/fault.h"
#include "foundation/base/util.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { ARCHITECTURE = (int)AUDIT_ARCH_X86_64, OTHER_ABI = 0x40000000 }; /* x32 */
#elif defined(__aarch64__)
enum { ARCHITECTURE = (int)AUDIT_ARCH_AARCH64, OTHER_ABI = 0x40000000 }; /* no such number */
#else
#error "calls.def is checked for x86_64 and aarch64 only"
#endif

/* Stands for a value that is known only at run time. Not a possible process id. */
#define OWN_PID 0xffffffff

struct call {
	uint32_t number;
	uint32_t answer;
	bool conditional;
	uint32_t argument, mask, value;
};

#define ALLOW(name) { __NR_##name, SECCOMP_RET_ALLOW, false, 0, 0, 0 },
#define ALLOW_IF(name, i, mask, value) \
	{ __NR_##name, SECCOMP_RET_ALLOW, true, i, mask, (uint32_t)(value) },
#define ANSWER(name, number) { __NR_##name, SECCOMP_RET_ERRNO | (number), false, 0, 0, 0 },
#define KILL(name) { __NR_##name, SECCOMP_RET_KILL_PROCESS, false, 0, 0, 0 },
static const struct call calls[] = {
#include "foundation/confine/calls.def"
};
#undef ALLOW
#undef ALLOW_IF
#undef ANSWER
#undef KILL

enum { HEAD = 6, ROW_MAX = 6, STEPS_MAX = HEAD + COUNT(calls) * ROW_MAX + 1 };

struct filter {
	struct sock_filter steps[STEPS_MAX];
	unsigned short count;
};

static void statement(struct filter *f, uint16_t code, uint32_t k)
{
	f->steps[f->count++] = (struct sock_filter)BPF_STMT(code, k);
}

/* Continue with the next step when the test holds, otherwise skip some. */
static void test(struct filter *f, uint16_t how, uint32_t k, uint8_t skip)
{
	f->steps[f->count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | how | BPF_K, k, 0, skip);
}

static void filter_load(struct filter *f, size_t offset)
{
	statement(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

static void filter_errno(struct filter *f, uint32_t value)
{
	statement(f, BPF_RET | BPF_K, value);
}

/* The lower half: the kernel reads these arguments as 32 bits. Both architectures are little
 * endian. */
static size_t argument_offset(uint32_t i)
{
	return offsetof(struct seccomp_data, args) + i * sizeof(uint64_t);
}

static void row(struct filter *f, const struct call *c)
{
	uint32_t value = c->value == OWN_PID ? (uint32_t)getpid() : c->value;

	test(f, BPF_JEQ, c->number, c->conditional ? 5 : 1);
	if (c->conditional) {
		filter_load(f, argument_offset(c->argument));
		statement(f, BPF_ALU | BPF_AND | BPF_K, c->mask);
		test(f, BPF_JEQ, value, 1);
	}
	filter_errno(f, c->answer);
	if (c->conditional)
		filter_load(f, offsetof(struct seccomp_data, nr));
}

static void filter_make(struct filter *f)
{
	f->count = 0;
	filter_load(f, offsetof(struct seccomp_data, arch));
	f->steps[f->count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	                                                    (uint32_t)ARCHITECTURE, 1, 0);
	filter_errno(f, SECCOMP_RET_KILL_PROCESS);
	filter_load(f, offsetof(struct seccomp_data, nr));
	test(f, BPF_JGE, OTHER_ABI, 1);
	filter_errno(f, SECCOMP_RET_KILL_PROCESS);
	for (size_t i = 0; i < COUNT(calls); i++)
		row(f, &calls[i]);
	filter_errno(f, SECCOMP_RET_ERRNO | EPERM);
}

enum err confine_calls(struct why *why)
{
	struct filter f;
	struct sock_fprog program = { .filter = f.steps };
	long got;

	filter_make(&f);
	program.len = f.count;
	if (fault("seccomp"))
		got = -1;
	else
		got = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC,
		              &program);
	if (got == 0)
		return OK;
	if (got > 0) /* a thread has a filter of its own */
		return fail(why, ERR_IO, "thread %ld cannot get the filter of system calls", got);
	return fail(why, errno == EFAULT ? ERR_IO : ERR_MISSING,
	            "the kernel takes no filter of system calls (seccomp): errno %d", errno);
}
