/* model/envelope/action.c: see action.h. */
#include "model/envelope/action.h"

static const struct str junk = STR("\\Junk");

static struct action_place place_dup(struct arena *a, const struct action_place *place)
{
	return (struct action_place){
		.mailbox = str_dup(a, place->mailbox),
		.special_use = str_dup(a, place->special_use),
		.mailbox_id = str_dup(a, place->mailbox_id),
		.create = place->create,
		.flags = str_dup(a, place->flags),
	};
}

struct action *actions_dup(struct arena *a, const struct action *list)
{
	struct action *first = NULL, **end = &first;

	for (; list != NULL; list = list->next) {
		struct action *copy = arena_new(a, struct action);

		*copy = *list;
		copy->why = str_dup(a, list->why);
		copy->place = place_dup(a, &list->place);
		copy->address = mailaddr_dup(a, &list->address);
		copy->message = str_dup(a, list->message);
		copy->ret = str_dup(a, list->ret);
		copy->text = str_dup(a, list->text);
		copy->header = str_dup(a, list->header);
		copy->replaced = str_dup(a, list->replaced);
		copy->once = str_dup(a, list->once);
		copy->next = NULL;
		*end = copy;
		end = &copy->next;
	}
	return first;
}

const struct action *actions_find(const struct action *list, enum action_kind kind)
{
	while (list != NULL && list->kind != kind)
		list = list->next;
	return list;
}

struct action *actions_add(struct arena *a, struct action **list, enum action_kind kind)
{
	while (*list != NULL)
		list = &(*list)->next;
	*list = arena_new(a, struct action);
	(*list)->kind = kind;
	return *list;
}

struct str actions_discarded(const struct action *list)
{
	const struct action *discard = actions_find(list, ACTION_DISCARD);

	return discard != NULL ? discard->why : STR_EMPTY;
}

struct str actions_quarantined(const struct action *list)
{
	const struct action *keep = actions_find(list, ACTION_KEEP);

	return keep != NULL && str_eqi(keep->place.special_use, junk) ? keep->why : STR_EMPTY;
}

const struct action *actions_discard(struct arena *a, struct str why)
{
	struct action *list = NULL;

	actions_add(a, &list, ACTION_DISCARD)->why = str_dup(a, why);
	return list;
}

const struct action *actions_quarantine(struct arena *a, struct str why)
{
	struct action *list = NULL, *keep = actions_add(a, &list, ACTION_KEEP);

	keep->why = str_dup(a, why);
	keep->place.special_use = junk;
	return list;
}
