/* model/store/backup/backup_sealed.h: a backup that is encrypted with a passphrase
 * (foundation/crypto/sealed_stream.h): the complete backup file as a sealed stream. Only store/
 * includes this. */
#ifndef STORE_BACKUP_SEALED_H
#define STORE_BACKUP_SEALED_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

/* Open an unnamed file in the folder; on file systems without such files, one that is unlinked at
 * once. It disappears when it is closed. -1 and errno. */
int backup_nameless_file(int folder);

/* Is the open file encrypted? Its offset is unchanged. */
bool backup_is_sealed(int fd);
/* Encrypt all of `from` to the end of `to`. Takes the memory of two chunks. */
enum err backup_seal(int from, int to, struct str passphrase, struct why *why) MUST_USE;
/* The reverse. ERR_DENIED: wrong passphrase; ERR_CORRUPT: it was changed or truncated. */
enum err backup_unseal(int from, int to, struct str passphrase, struct why *why) MUST_USE;

/* Replace *fd of an encrypted backup by a plain copy of it, an unnamed file in the folder. A plain
 * backup is unchanged. ERR_DENIED also: no passphrase was given. */
enum err backup_opened(int *fd, int folder, struct str passphrase, struct why *why) MUST_USE;

#endif
