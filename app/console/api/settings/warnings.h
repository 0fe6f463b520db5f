/* console/api/settings/warnings.h: problems that an administrator should fix, searched for when
 * the overview is requested. */
#ifndef API_WARNINGS_H
#define API_WARNINGS_H
#include "console/api/settings/settings_store.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/store/store.h"

struct admin;
struct arena;

/* How things are. */
struct health {
	int64_t now_ms;
	struct store_stats store;
	uint64_t free_bytes, disk_bytes; /* of the disk the data folder is on; 0: unknown */
	uint64_t queue;                  /* entries                                      */
	int64_t queue_oldest_ms;         /* INT64_MAX: none                              */
	int64_t certificate_ends_ms;     /* of the default one; INT64_MAX: none          */
	bool certificate_self;           /* it is self-signed: no authority vouches      */
	size_t dns_wrong;                /* findings of the DNS doctor that fail         */
	struct str dns_parts;            /* where, as of doctor_wrong                    */
	int64_t trial_left_ms;           /* of a change to confirm; 0: none              */
	size_t keys_waiting; /* domains whose next keys DNS does not show, for an hour and more */
	struct str troubles[SETTINGS_TROUBLES_MAX]; /* stored settings that will not do  */
	size_t trouble_count;
};
/* Strings live in a. Errors are the store's. Not inside a transaction. */
enum err health_look(const struct admin *admin, struct arena *a, struct health *out) MUST_USE;

enum { WARNINGS_MAX = 10 + SETTINGS_TROUBLES_MAX };

struct warning {
	const char *id; /* stable, for programs           */
	struct str text;
	const char *advice;
	const char *page; /* of the console, "events?level=error"; empty: none */
};
/* The problems, worst first, by a table of conditions; texts in a. Returns how many. Pure. */
size_t warnings_find(const struct health *h, struct arena *a,
                     struct warning out[static WARNINGS_MAX]);

#endif
