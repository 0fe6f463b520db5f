/* model/store/backup/backup_file.h: a backup as a file. Only store/ includes this.
 *
 * A backup is a compact copy of roost.mdb with a page after its last one:
 *
 *	"roost backup 1\n", length of the copy (be64), BLAKE2b-256 of the copy, zeros
 *
 * LMDB does not read past its last page, so the file can be used as roost.mdb unchanged; and a
 * restore detects a damaged copy before it uses it. */
#ifndef STORE_BACKUP_FILE_H
#define STORE_BACKUP_FILE_H
#include "foundation/base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum err backup_file_size(int fd, uint64_t *bytes, struct why *why) MUST_USE;
/* Write that page after the copy, which is the whole file so far. */
enum err backup_file_finish(int fd, struct why *why) MUST_USE;
/* Does the file end with such a page? Its checksum is not verified. */
bool backup_file_ends(int fd);
/* Copy `from` to `to`, without that page, sync it, and compare it with the page; a plain roost.mdb,
 * copied while no server ran, has none. ERR_CORRUPT: it is damaged. */
enum err backup_file_copy(int from, int to, struct why *why) MUST_USE;
/* Read and verify it. ERR_CORRUPT: it is damaged, or has no such page. */
enum err backup_file_check(int fd, struct why *why) MUST_USE;

#endif
