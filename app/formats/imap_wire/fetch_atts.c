/* formats/imap_wire/fetch_atts.c: merging the items of several requests, see fetch.h. */
#include "formats/imap_wire/fetch.h"
#include "foundation/base/arena.h"

static bool strs_eqi(const struct imap_strs *x, const struct imap_strs *y)
{
	for (size_t i = 0; x->n == y->n && i < x->n; i++)
		if (!str_eqi(x->items[i], y->items[i]))
			return false;
	return x->n == y->n;
}

static bool path_eq(const struct imap_section *x, const struct imap_section *y)
{
	for (size_t i = 0; x->path_n == y->path_n && i < x->path_n; i++)
		if (x->path[i] != y->path[i])
			return false;
	return x->path_n == y->path_n;
}

/* Would both give the same response under the same name? */
static bool section_eq(const struct imap_section *x, const struct imap_section *y)
{
	return x->form == y->form && x->kind == y->kind && str_eq(x->alias, y->alias) &&
	       x->partial == y->partial && x->offset == y->offset && x->size == y->size &&
	       path_eq(x, y) && strs_eqi(&x->fields, &y->fields);
}

static struct imap_section section_dup(struct arena *a, const struct imap_section *from)
{
	struct imap_section out = *from;

	out.path = arena_array(a, uint32_t, from->path_n);
	for (size_t i = 0; i < from->path_n; i++)
		out.path[i] = from->path[i];
	out.fields = (struct imap_strs){ .items = arena_array(a, struct str, from->fields.n) };
	for (size_t i = 0; i < from->fields.n; i++)
		out.fields.items[out.fields.n++] = str_dup(a, from->fields.items[i]);
	return out; /* names of aliases are constants */
}

static bool fetch_atts_has(const struct imap_fetch *f, const struct imap_section *section)
{
	for (size_t i = 0; i < f->section_n; i++)
		if (section_eq(&f->sections[i], section))
			return true;
	return false;
}

void imap_fetch_atts_add(struct arena *a, struct imap_fetch *out, const struct imap_fetch *more)
{
	out->items |= more->items;
	for (size_t i = 0; i < more->section_n; i++)
		if (!fetch_atts_has(out, &more->sections[i]))
			*(struct imap_section *)imap_push(a, &out->sections, &out->section_n,
			                                  sizeof(*out->sections)) =
				section_dup(a, &more->sections[i]);
}
