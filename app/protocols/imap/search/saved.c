/* protocols/imap/search/saved.c: see saved.h. */
#include "protocols/imap/search/saved.h"

#include "formats/imap_wire/search.h"
#include "foundation/base/mem.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/session.h"

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

void imap_saved_failed(struct imap *s, unsigned returns)
{
	if (returns & RETURN_SAVE && s->reply.cond == COND_NO)
		imap_saved_set(s, NULL);
}

/* out is empty before. */
static void named(struct imap *s, struct imap_saving *save, struct uids *out)
{
	static const unsigned all = RETURN_ALL | RETURN_COUNT;
	static const unsigned few = RETURN_MIN | RETURN_MAX | RETURN_PARTIAL;

	if (save->found->n == 0 || save->returns & all || !(save->returns & few)) {
		uids_unite(out, save->found);
		return;
	}
	if (save->returns & RETURN_MIN)
		imap_seq_add(&s->run.arena, &save->part, save->min, save->min);
	if (save->returns & RETURN_MAX)
		imap_seq_add(&s->run.arena, &save->part, save->max, save->max);
	imap_seq_resolve(&save->part, 0);
	for (size_t i = 0; i < save->part.n; i++)
		uids_add(out, save->part.ranges[i].lo, save->part.ranges[i].hi);
}

void imap_saved_take(struct imap *s, struct imap_saving *save)
{
	struct uids uids = { 0 };

	named(s, save, &uids);
	imap_saved_set(s, &uids);
	uids_deinit(&uids);
}

enum err imap_saved_modseq(struct imap *s, struct imap_saving *save, uint64_t *modseq)
{
	struct uids uids = { 0 };
	enum err e;

	named(s, save, &uids);
	e = imap_modseq_of(s, &uids, modseq);
	uids_deinit(&uids);
	return e;
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
