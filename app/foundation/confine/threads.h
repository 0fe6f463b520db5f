/* foundation/confine/threads.h: run a function in every thread of this process. */
#ifndef CONFINE_THREADS_H
#define CONFINE_THREADS_H
#include "foundation/base/err.h"

/* Only system calls, no lock and no memory: it runs in a signal handler. Returns 0 or an errno. */
typedef int threads_fn(void *arg);

/* Run fn once in each other thread, then in this one. Threads that a finished thread starts inherit
 * the effect. ERR_MISSING: there is no /proc, and nothing was run. ERR_IO: fn failed in a thread,
 * or a thread blocks the signal; fn has run in the others. */
enum err threads_each(threads_fn *fn, void *arg, struct why *why) MUST_USE;

#endif
