/* console/api/settings/settings_trouble.h: stored settings that could not be taken up, for
 * whoever can mend them: the server runs without them. */
#ifndef API_SETTINGS_TROUBLE_H
#define API_SETTINGS_TROUBLE_H
#include "foundation/config/settings.h"

#include <pthread.h>

enum { SETTINGS_TROUBLES_MAX = 8 };

struct settings_troubles {
	pthread_mutex_t lock;
	struct {
		enum setting_id id; /* SETTINGS: all that are stored */
		struct why why;
	} items[SETTINGS_TROUBLES_MAX];
	size_t count;
};

/* Any thread. why NULL: there is none with it any more. One too many is left out. */
void settings_trouble_set(struct settings_troubles *t, enum setting_id id, const struct why *why);
/* Sentences, in a. Returns how many. */
size_t settings_troubles_get(struct settings_troubles *t, struct arena *a,
                             struct str out[static SETTINGS_TROUBLES_MAX]);

#endif
