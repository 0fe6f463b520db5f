/* console/cli/beside.h: what a command changes in an account's mail is told to the server that runs
 * beside it, so that its sessions hear of it at once. */
#ifndef CLI_BESIDE_H
#define CLI_BESIDE_H
#include "foundation/base/str.h"

struct beside;
struct watches;

/* folder, of the data, outlives it. */
struct beside *beside_new(struct str folder);
/* For struct mailboxes. */
struct watches *beside_watches(const struct beside *b);
/* NULL is a no-op; clears *b. */
void beside_free(struct beside **b);

#endif
