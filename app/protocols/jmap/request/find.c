/* protocols/jmap/request/find.c: a method by its name; see request.h. */
#include "protocols/jmap/request/request.h"

/* --- Arguments of the standard methods (RFC 8620 5.1 to 5.6) ------------------- */

static const struct jmap_argument get_arguments[] = {
	{ "ids", FORM_ID, LIST | OR_NULL, 0 },
	{ "properties", FORM_STRING, LIST | OR_NULL, 0 },
};
static const struct jmap_argument changes_arguments[] = {
	{ "sinceState", FORM_STRING, NEEDED, 0 },
	{ "maxChanges", FORM_UNSIGNED, OR_NULL, 0 },
};
static const struct jmap_argument set_arguments[] = {
	{ "ifInState", FORM_STRING, OR_NULL, 0 },
	{ "create", FORM_OBJECT, MAP | OR_NULL, 0 },
	{ "update", FORM_OBJECT, MAP | ID_KEYS | OR_NULL, 0 },
	{ "destroy", FORM_ID, LIST | OR_NULL, 0 },
};
static const struct jmap_argument copy_arguments[] = {
	{ "fromAccountId", FORM_ID, NEEDED, 0 },
	{ "ifFromInState", FORM_STRING, OR_NULL, 0 },
	{ "ifInState", FORM_STRING, OR_NULL, 0 },
	{ "create", FORM_OBJECT, MAP | NEEDED, 0 },
	{ "onSuccessDestroyOriginal", FORM_BOOL, 0, 0 },
	{ "destroyFromIfInState", FORM_STRING, OR_NULL, 0 },
};
static const struct jmap_argument query_arguments[] = {
	{ "filter", FORM_OBJECT, OR_NULL, 0 },
	{ "sort", FORM_OBJECT, LIST | OR_NULL, 0 },
	{ "position", FORM_INT, 0, 0 },
	{ "anchor", FORM_ID, OR_NULL, 0 },
	{ "anchorOffset", FORM_INT, 0, 0 },
	{ "limit", FORM_UNSIGNED, OR_NULL, 0 },
	{ "calculateTotal", FORM_BOOL, 0, 0 },
};
static const struct jmap_argument query_changes_arguments[] = {
	{ "filter", FORM_OBJECT, OR_NULL, 0 },
	{ "sort", FORM_OBJECT, LIST | OR_NULL, 0 },
	{ "sinceQueryState", FORM_STRING, NEEDED, 0 },
	{ "maxChanges", FORM_UNSIGNED, OR_NULL, 0 },
	{ "upToId", FORM_ID, OR_NULL, 0 },
	{ "calculateTotal", FORM_BOOL, 0, 0 },
};

/* --- Standard methods ----------------------------------------------------------- */

enum standard { GET, CHANGES, SET, COPY, QUERY, QUERY_CHANGES };

static const struct {
	const char *name;
	const struct jmap_argument *arguments;
	size_t argument_count;
	jmap_method_fn *run;
} standard[] = {
#define STANDARD(name, table, run) { name, table, COUNT(table), run }
	[GET] = STANDARD("/get", get_arguments, jmap_get_run),
	[CHANGES] = STANDARD("/changes", changes_arguments, jmap_changes_run),
	[SET] = STANDARD("/set", set_arguments, jmap_set_run),
	[COPY] = STANDARD("/copy", copy_arguments, jmap_copy_run),
	[QUERY] = STANDARD("/query", query_arguments, jmap_query_run),
	[QUERY_CHANGES] =
		STANDARD("/queryChanges", query_changes_arguments, jmap_query_changes_run),
};

static bool type_has(const struct jmap_type *t, enum standard method)
{
	switch (method) {
	case GET:
		return t->load != NULL;
	case CHANGES:
		return t->changes != NULL;
	case SET:
		return t->create != NULL || t->update != NULL || t->destroy != NULL;
	case COPY:
		return t->copy != NULL;
	case QUERY:
		return t->query != NULL;
	case QUERY_CHANGES:
		return t->query != NULL && (t->changes != NULL || t->query_changed != NULL);
	}
	return false;
}

static void found_more(struct jmap_found *f, enum standard method)
{
	const struct jmap_type *t = f->type;

	if (method == GET) {
		f->more = t->get_arguments;
		f->more_count = t->get_argument_count;
	} else if (method == SET) {
		f->more = t->set_arguments;
		f->more_count = t->set_argument_count;
	} else if (method == QUERY || method == QUERY_CHANGES) {
		f->more = t->query_arguments;
		f->more_count = t->query_argument_count;
	}
}

static bool standard_find(const struct jmap_type *t, struct str action, struct jmap_found *out)
{
	for (unsigned i = 0; i < COUNT(standard); i++) {
		if (!str_eq(action, str_of(standard[i].name)) || !type_has(t, i))
			continue;
		*out = (struct jmap_found){
			.type = t,
			.method = { .name = standard[i].name,
			            .capability = t->capability,
			            .scope = t->scope,
			            .arguments = standard[i].arguments,
			            .argument_count = standard[i].argument_count,
			            .no_account = t->no_account,
			            .own_only = t->own_only,
			            .run = standard[i].run },
		};
		found_more(out, i);
		return true;
	}
	return false;
}

static bool any_find(const struct jmap_registry *all, struct str name, struct jmap_found *out)
{
	ptrdiff_t slash = str_find_byte(name, '/');

	for (size_t i = 0; i < all->methods_count; i++)
		for (size_t j = 0; j < all->methods[i]->n; j++)
			if (str_eq(name, str_of(all->methods[i]->rows[j].name))) {
				*out = (struct jmap_found){ .method = all->methods[i]->rows[j] };
				return true;
			}
	for (size_t i = 0; i < all->type_count && slash >= 0; i++)
		if (str_eq(str_sub(name, 0, (size_t)slash), str_of(all->types[i]->name)))
			return standard_find(all->types[i], str_sub(name, (size_t)slash, name.n),
			                     out);
	return false;
}

bool jmap_method_find(const struct jmap_request *r, struct str name, struct jmap_found *out)
{
	return any_find(r->registry, name, out) && r->using >> out->method.capability & 1;
}
