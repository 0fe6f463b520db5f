/* tests/harness/temp_store.c: see temp_store.h. */
#include "harness/temp_store.h"

#include "harness/check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void temp_folder_make(struct temp_folder *f)
{
	const char *base = getenv("TMPDIR");

	snprintf(f->path, sizeof f->path, "%s/roost-XXXXXX", base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(f->path));
}

static void remove_entries(const char *path, bool deeper)
{
	DIR *d = opendir(path);

	if (d == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
		char name[TEMP_PATH_MAX + 256];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		if (deeper && entry->d_type == DT_DIR)
			remove_entries(name, false);
		remove(name);
	}
	closedir(d);
}

void temp_folder_remove(struct temp_folder *f)
{
	remove_entries(f->path, true);
	rmdir(f->path);
}

const char *temp_path(const struct temp_folder *f, const char *name)
{
	static char paths[16][TEMP_PATH_MAX + 64];
	static unsigned next;
	char *p = paths[next++ % COUNT(paths)];

	snprintf(p, sizeof paths[0], "%s/%s", f->path, name);
	return p;
}

void temp_store_reopen(struct temp_store *ts)
{
	struct store_config config = {
		.backend = ts->backend,
		.role = STORE_SERVER,
		.folder = ts->folder.path,
		.reserve_bytes = 64 << 10,
		.burst = ts->burst,
	};
	struct why why = { "" };

	store_close(&ts->store);
	if (store_open(&ts->store, &config, &why) != OK)
		fail_msg("the store does not open: %s", why.text);
}

void temp_store_open(struct temp_store *ts, enum store_backend backend)
{
	*ts = (struct temp_store){ .backend = backend };
	temp_folder_make(&ts->folder);
	temp_store_reopen(ts);
}

void temp_store_open_journaled(struct temp_store *ts)
{
	*ts = (struct temp_store){ .backend = STORE_LMDB, .burst = 1 };
	temp_folder_make(&ts->folder);
	temp_store_reopen(ts);
}

bool temp_store_survives(const char *point)
{
	struct str p = str_of(point);

	return str_eq(p, STR("reserve")) || str_starts(p, STR("guests_")) ||
	       (str_starts(p, STR("journal_")) && !str_eq(p, STR("journal_open")));
}

void temp_store_remove(struct temp_store *ts)
{
	store_close(&ts->store);
	temp_folder_remove(&ts->folder);
}
