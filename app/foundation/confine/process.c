/* foundation/confine/process.c: see confine.h. */
#include "foundation/confine/confine.h"

#include <sys/prctl.h>

void confine_process(void)
{
	/* The C library passes the zeros on; both cannot fail on a kernel since 3.5. */
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL);
	(void)prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL);
}
