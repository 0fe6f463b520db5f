/* model/store/backup/backup_set.h: dated backups in one folder, with a maximum number.
 *
 * A backup of a set is named roost-2026-11-24T204452Z.backup, by the time (UTC) of its start, so
 * that names sort by age. Files with other names are not changed. */
#ifndef STORE_BACKUP_SET_H
#define STORE_BACKUP_SET_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;

/* The path of a new backup in the folder; in a. */
const char *backup_set_path(struct arena *a, const char *folder, int64_t time_ms) MUST_USE;

/* Is this the name of a backup of a set? */
bool backup_set_name(struct str name);

/* Remove all backups of the folder except the newest keep (at least 1), and copies that were
 * interrupted more than a day ago. newest is the name of the backup just made: those with a later
 * time, from a wrong clock, are not removed and do not count; *later is their number. ERR_MISSING:
 * no such folder; ERR_IO. After a failure there are more files than keep, never fewer. */
enum err backup_set_prune(const char *folder, const char *newest, uint32_t keep, uint32_t *later,
                          struct why *why) MUST_USE;

#endif
