/* protocols/imap/progress.h: a sign of life from commands that take long (RFC 9585). */
#ifndef IMAP_PROGRESS_H
#define IMAP_PROGRESS_H
#include <stdint.h>

struct imap;

/* The running command has done so much of total, in whatever unit; 0 of 0 when that cannot be
 * known. To be called now and then, but not in the middle of a response: tells it when
 * LIMIT_imap_progress_ms have passed since the first call or the last time it was told. */
void imap_progress(struct imap *s, uint64_t done, uint64_t total);

#endif
