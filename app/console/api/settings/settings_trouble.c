/* console/api/settings/settings_trouble.c: see settings_store.h. */
#include "console/api/settings/settings_store.h"

void settings_trouble_set(struct settings_troubles *t, enum setting_id id, const struct why *why)
{
	size_t i = 0;

	pthread_mutex_lock(&t->lock);
	while (i < t->count && t->items[i].id != id)
		i++;
	if (why == NULL && i < t->count)
		t->items[i] = t->items[--t->count];
	if (why != NULL && i < SETTINGS_TROUBLES_MAX) {
		t->items[i].id = id;
		t->items[i].why = *why;
		t->count = MAX(t->count, i + 1);
	}
	pthread_mutex_unlock(&t->lock);
}

size_t settings_troubles_get(struct settings_troubles *t, struct arena *a,
                             struct str out[static SETTINGS_TROUBLES_MAX])
{
	size_t n;

	pthread_mutex_lock(&t->lock);
	for (n = 0; n < t->count; n++)
		out[n] = str_dup(a, str_of(t->items[n].why.text));
	pthread_mutex_unlock(&t->lock);
	return n;
}
