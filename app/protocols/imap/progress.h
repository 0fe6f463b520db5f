/* protocols/imap/progress.h: progress responses of long commands (RFC 9585). */
#ifndef IMAP_PROGRESS_H
#define IMAP_PROGRESS_H
#include <stdint.h>

struct imap;

/* The running command has done so much of total, in any unit; 0 of 0 if unknown. Call it
 * often, but not in the middle of a response. It sends progress when
 * LIMIT_imap_progress_ms have passed since the first call or the last response. */
void imap_progress(struct imap *s, uint64_t done, uint64_t total);

#endif
