/* console/cli/progress.h: how far a long command is: a bar on a terminal, a line for each
 * mailbox that is finished elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H
#include "operations/transfer/transfer.h"

struct progress {
	bool bar; /* standard error is a terminal                        */
	bool drawn;
	int64_t next_ms; /* of clock_mono_ms: when to draw again            */
	struct transfer_counts all;
	struct transfer_watch watch; /* to hand to transfer/; points to this */
};
/* p must stay where it is. */
void progress_init(struct progress *p);
/* Wipe the bar, and say what came of all. verb: "brought". */
void progress_end(struct progress *p, const char *verb);

#endif
