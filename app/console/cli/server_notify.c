/* console/cli/server_notify.c: see cli_private.h. */
#include "console/cli/cli_private.h"

#include "console/server/control.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "model/mailbox/watch.h"

enum { DEAF_MS = 1000 };

struct beside {
	struct str folder;
	struct watches *watches;
	struct watch *watch;
	int64_t deaf_ms; /* until then nobody seems to listen: do not wait for him each time */
};

static void changed(void *arg, uint32_t account, uint64_t modseq)
{
	struct beside *b = arg;
	int64_t now_ms = clock_mono_ms();

	(void)modseq;
	if (now_ms >= b->deaf_ms && !control_poke_mail(b->folder, account))
		b->deaf_ms = now_ms + DEAF_MS;
}

struct beside *beside_new(struct str folder)
{
	struct beside *b = NEW(struct beside);

	b->folder = folder;
	b->watches = watches_new();
	b->watch = watch_add_all(b->watches, changed, b);
	return b;
}

struct watches *beside_watches(const struct beside *b)
{
	return b->watches;
}

void beside_free(struct beside **b)
{
	if (*b == NULL)
		return;
	watch_remove(&(*b)->watch);
	watches_free(&(*b)->watches);
	mem_clear(b);
}
