/* foundation/base/fault.c: see fault.h. */
#include "foundation/base/fault.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static atomic_bool armed;

/* Guarded by lock; touched only while armed. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned countdown;
static const char *only_point; /* NULL: any */
static int fail_number = EIO;
static bool fired;
static const char *fired_point = "";

static void arm(const char *point, unsigned n, int number)
{
	pthread_mutex_lock(&lock);
	countdown = n;
	only_point = point;
	fail_number = number;
	fired = false;
	fired_point = "";
	pthread_mutex_unlock(&lock);
	atomic_store(&armed, n != 0);
}

void fault_arm(unsigned n)
{
	arm(NULL, n, EIO);
}

void fault_arm_point(const char *point, unsigned n, int number)
{
	arm(point, n, number);
}

static bool count_down(const char *point)
{
	if (only_point != NULL && strcmp(point, only_point) != 0)
		return false;
	if (countdown == 0 || --countdown != 0)
		return false;
	/* A named point stays broken; an anonymous one fails once. */
	if (only_point != NULL)
		countdown = 1;
	return true;
}

bool fault(const char *point)
{
	bool now;

	if (!atomic_load_explicit(&armed, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&lock);
	now = count_down(point);
	if (now) {
		fired = true;
		fired_point = point;
		errno = fail_number;
	}
	pthread_mutex_unlock(&lock);
	return now;
}

bool fault_fired(void)
{
	pthread_mutex_lock(&lock);
	bool was = fired;
	pthread_mutex_unlock(&lock);
	return was;
}

const char *fault_name(void)
{
	pthread_mutex_lock(&lock);
	const char *name = fired_point;
	pthread_mutex_unlock(&lock);
	return name;
}
