/* operations/acme/job_names.c: names whose proof fails now; see acme_private.h. */
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "operations/acme/acme_private.h"

enum { LEFT_OUT_MS = 86400 * 1000 };

static bool is_left_out(const struct cert_row *row, struct str name)
{
	for (size_t i = 0; i < row->left_out_count; i++)
		if (str_eq(row->left_out[i].name, name) &&
		    row->left_out[i].until_ms > clock_real_ms())
			return true;
	return false;
}

struct names job_names(struct job *j)
{
	const struct names *all = &j->wanted->names;
	struct names some = { .items = arena_array(&j->arena, struct str, all->count) };

	for (size_t i = 0; i < all->count; i++)
		if (i == 0 || !is_left_out(&j->row, all->items[i]))
			some.items[some.count++] = all->items[i];
	return some;
}

bool job_leave_out(struct job *j, struct str name, const char *problem)
{
	struct left_out *list;
	size_t n = 0;

	if (!names_has(&j->wanted->names, name) || str_eq(j->wanted->names.items[0], name))
		return false;
	list = arena_array(&j->arena, struct left_out, j->row.left_out_count + 1);
	for (size_t i = 0; i < j->row.left_out_count; i++)
		if (!str_eq(j->row.left_out[i].name, name) &&
		    names_has(&j->wanted->names, j->row.left_out[i].name))
			list[n++] = j->row.left_out[i];
	if (n == RECORD_NAMES_MAX)
		return false;
	list[n++] = (struct left_out){ name, str_dup(&j->arena, str_of(problem)),
		                       clock_real_ms() + LEFT_OUT_MS };
	j->row.left_out = list;
	j->row.left_out_count = n;
	event(certificate_name_skipped, STR(""), ev_str(j->row.id), ev_str(name), ev_z(problem));
	return true;
}
