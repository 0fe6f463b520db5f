/* console/api/setup/api_setup.h: what the routes of the setup share. */
#ifndef API_API_SETUP_H
#define API_API_SETUP_H
#include "console/api/api.h"
#include "console/api/settings/settings_store.h"
#include "console/api/setup/setup.h"
#include "operations/doctor/server/server_checks.h"

/* The state, when the setup is open and the header X-Setup-Token carries its token. ERR_MISSING:
 * there is an owner. Else as api_refuse. */
enum err api_setup_enter(struct api_call *c, struct setup *out) MUST_USE;

/* Change the state in a transaction: fn gets the state as it is then. */
typedef enum err setup_step_fn(struct txn *t, struct setup *s, void *arg);
struct setup_change {
	struct api_call *call;
	setup_step_fn *fn;
	void *arg;
	struct setup setup; /* as it was left */
};
/* A txn_fn; arg is a struct setup_change. */
enum err api_setup_change(struct txn *t, void *arg) MUST_USE;
/* The same in a transaction of its own. */
enum err api_setup_write(struct setup_change *change) MUST_USE;

/* --- what the steps share ----------------------------------------------------------------- */

/* A string of the body; empty when it is absent. */
struct str api_setup_text(const struct api_call *c, const char *name);
/* Settings and state in one transaction. Settings of the environment are skipped, so a
 * setup works in addition to some variables. */
enum err api_setup_settings(struct api_call *c, const struct setting_edit *edits, size_t n,
                            struct setup_change *change) MUST_USE;
/* Run checks with a resolver that remembers nothing, and answer them. ERR_RETRY. */
enum err api_setup_checks(struct api_call *c, struct str domain,
                          void (*checker)(const struct look *, struct checks *)) MUST_USE;

void api_check_put(struct json_writer *w, const struct check *check);
void api_checks_put(struct json_writer *w, const struct checks *checks);

#endif
