/* model/store/backup_sealed.h: a backup that is encrypted with a passphrase
 * (foundation/crypto/sealed_stream.h): the bytes of a backup file, trailer and all, as a sealed
 * stream. Only store/ includes this. */
#ifndef STORE_BACKUP_SEALED_H
#define STORE_BACKUP_SEALED_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

/* A file in the folder that never had a name, or where the file system has no such, that has one
 * for a moment: it is gone when it is closed. -1 and errno. */
int backup_nameless_file(int folder);

/* Is the open file one? Its offset stays. */
bool backup_is_sealed(int fd);
/* Encrypt all of `from` to the end of `to`. Takes the memory of two chunks. */
enum err backup_seal(int from, int to, struct str passphrase, struct why *why) MUST_USE;
/* The other way round. ERR_DENIED: another passphrase; ERR_CORRUPT: it was changed or cut off. */
enum err backup_unseal(int from, int to, struct str passphrase, struct why *why) MUST_USE;

/* Replace *fd of an encrypted backup by a plain copy of it, which has no name, in the folder. A
 * plain backup stays as it is. ERR_DENIED also: no passphrase was given. */
enum err backup_opened(int *fd, int folder, struct str passphrase, struct why *why) MUST_USE;

#endif
