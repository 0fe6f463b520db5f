/* operations/doctor/own/own_reports.c: see own_reports.h. */
#include "operations/doctor/own/own_reports.h"

#include "foundation/config/settings.h"
#include "model/directory/reports_to.h"
#include "model/directory/resolve.h"
#include "model/store/store.h"

struct finding_out {
	const struct own_reports_of *of;
	const struct mailaddr *to;
	struct arena a;
	enum own_reports found;
};

static bool lies_here(const struct resolved *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->targets[i].account != 0)
			return true;
	return false;
}

static enum own_reports judge(const struct finding_out *f, const struct resolved *r)
{
	const struct settings *s = f->of->settings;

	if (r->verdict == RESOLVE_FOREIGN)
		return OWN_REPORTS_ELSEWHERE;
	if (r->verdict != RESOLVE_OK)
		return OWN_REPORTS_LOST;
	if (s->reports_days == 0 || s->reports_to.n == 0 || reports_to_has(s->reports_to, f->to))
		return OWN_REPORTS_READ;
	return lies_here(r) ? OWN_REPORTS_UNREAD : OWN_REPORTS_ELSEWHERE;
}

static enum err find(struct txn *t, void *arg)
{
	struct finding_out *f = arg;
	const struct resolve_config config = resolve_config(f->of->settings);
	struct resolved r;
	enum err e = directory_resolve(t, *f->to, &config, &f->a, &r);

	if (e == OK)
		f->found = judge(f, &r);
	return e;
}

enum own_reports own_reports_find(const struct own_reports_of *of, const struct mailaddr *to)
{
	struct finding_out f = { .of = of, .to = to, .found = OWN_REPORTS_ELSEWHERE };

	(void)!store_read(of->store, find, &f); /* nothing is known then */
	arena_deinit(&f.a);
	return f.found;
}
