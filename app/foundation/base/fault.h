/* foundation/base/fault.h: make the n-th fallible call fail, for tests.
 *
 * A call that can fail asks first: if (fault("store_commit")) return fail(...). Unarmed it
 * costs one relaxed load. A test arms 1, 2, 3 ... until nothing fires any more, and checks
 * each time that the failure was clean. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H
#include "foundation/base/util.h"

/* True when this call is to fail; errno is then set to the armed error (EIO at first). */
bool fault(const char *point);

/* Fail the n-th fault point that is passed from now on (1 is the next); 0 disarms.
 * Counts calls of all threads. */
void fault_arm(unsigned n);
/* As fault_arm, but only points of this name count, and every one from the n-th fails
 * until disarmed, with this errno. */
void fault_arm_point(const char *point, unsigned n, int number);
/* Did an armed fault fire since the last arm? */
bool fault_fired(void);
/* The point that fired last, "" when none. */
const char *fault_name(void);

#endif
