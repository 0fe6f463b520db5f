/* tests/harness/temp_store.h: folders and stores that live as long as a test. */
#ifndef HARNESS_TEMP_STORE_H
#define HARNESS_TEMP_STORE_H
#include "model/store/store.h"

enum { TEMP_PATH_MAX = 512 };

/* A new empty folder below $TMPDIR. */
struct temp_folder {
	char path[TEMP_PATH_MAX];
};
void temp_folder_make(struct temp_folder *f);
/* Remove it with the files in it (and one level of folders). */
void temp_folder_remove(struct temp_folder *f);
/* "path/name"; the string lives until the 16th call after this one. */
const char *temp_path(const struct temp_folder *f, const char *name);

/* A store of either backend in a folder of its own, opened as the server's. Fails the
 * test when it does not open. */
struct temp_store {
	struct temp_folder folder;
	enum store_backend backend;
	unsigned burst; /* store_config.burst */
	struct store *store;
};
void temp_store_open(struct temp_store *ts, enum store_backend backend);
/* One that takes every commit after the first into its journal. */
void temp_store_open_journaled(struct temp_store *ts);
/* Close and open again; a store in memory starts empty. */
void temp_store_reopen(struct temp_store *ts);
/* Does a store do its work although this fault point (foundation/base/fault.h) fails? Without a
 * reserve it runs nearer to the edge, without a journal it commits into the tree. */
bool temp_store_survives(const char *point);
void temp_store_remove(struct temp_store *ts);

#endif
