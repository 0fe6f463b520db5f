/* imap/saved.c: see saved.h. */
#include "imap/saved.h"

#include "base/mem.h"
#include "imap/session.h"

void imap_saved_set(struct imap *s, const struct uids *uids)
{
	struct uids **saved = &s->selected.saved;

	if (*saved)
		uids_deinit(*saved);
	mem_clear(saved);
	if (!uids || uids->n == 0)
		return;
	*saved = NEW(struct uids);
	for (size_t i = 0; i < uids->n; i++)
		uids_add(*saved, uids->ranges[i].lo, uids->ranges[i].hi);
}

bool imap_saved_resolve(struct imap *s, struct imap_seq *set)
{
	const struct uids *saved = s->selected.saved;

	if (!set->saved)
		return false;
	set->n = 0;
	for (size_t i = 0; saved && i < saved->n; i++)
		imap_seq_add(&s->run.arena, set, saved->ranges[i].lo, saved->ranges[i].hi);
	return true;
}
