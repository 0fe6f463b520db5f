/* model/store/backup_set.h: dated backups in one folder, of which the newest are kept.
 *
 * A backup of a set is named roost-2026-11-24T204452Z.backup, by the time (UTC) at which it
 * began, so that names sort by age. Files with other names are never touched. */
#ifndef STORE_BACKUP_SET_H
#define STORE_BACKUP_SET_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;

/* The path of a new backup in the folder; in a. */
const char *backup_set_path(struct arena *a, const char *folder, int64_t time_ms) MUST_USE;

/* Does a backup of a set have this name? */
bool backup_set_name(struct str name);

/* Remove all backups of the folder but the newest keep (at least 1), and copies that were
 * interrupted more than a day ago. newest is the name of the backup just made: one whose name has
 * a later time, from a clock that was wrong, is not removed and does not count among keep; *later
 * is how many there are. ERR_MISSING: no such folder; ERR_IO. A failure leaves more files than
 * keep, never fewer. */
enum err backup_set_prune(const char *folder, const char *newest, uint32_t keep, uint32_t *later,
                          struct why *why) MUST_USE;

#endif
