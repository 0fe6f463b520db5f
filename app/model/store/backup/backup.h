/* model/store/backup/backup.h: consistent backups of a store, and their restore. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H
#include "foundation/base/err.h"

#include "model/store/store.h"

struct fsck_check;

/* Write a compact copy of s, as of now, to the file path: complete and synced, or unchanged. An
 * existing backup (or an empty file) at path is replaced atomically. Works while the server runs,
 * from any process that has the store open. A passphrase (else empty) encrypts it
 * (foundation/crypto/sealed_stream.h). ERR_CONFLICT: path exists and is not a backup, or is a file
 * of the data folder; ERR_MISSING: the folder of path does not exist; ERR_FULL, ERR_IO. */
enum err store_backup(struct store *s, const char *path, struct str passphrase,
                      struct why *why) MUST_USE;

/* The same as an open unnamed file, at its start, to be sent. Its bytes are in the data folder
 * until *fd is closed, so a slow reader holds no transaction. */
enum err store_backup_open(struct store *s, struct str passphrase, int *fd, uint64_t *bytes,
                           struct why *why) MUST_USE;

/* Is the file a valid backup: can it be decrypted, and does its checksum match? Nothing is
 * restored. A plain copy of an encrypted one is in the folder meanwhile, in an unnamed file.
 * ERR_MISSING, ERR_CORRUPT, ERR_DENIED: the passphrase is wrong or missing. */
enum err store_backup_check(const char *file, const char *folder, struct str passphrase,
                            struct why *why) MUST_USE;

struct restore_params {
	const char *file;                /* from store_backup, or a roost.mdb copied while no server
	                                  * ran */
	struct str passphrase;           /* of an encrypted backup; or empty */
	const char *folder;              /* data folder, created if missing */
	bool replace;                    /* rename an existing store to
	                                  * roost.mdb.before-restore-TIME */
	const struct fsck_check *checks; /* as for fsck_run                              */
	size_t check_count;
	/* Completes a migration from an older format, before the check; NULL: none. */
	enum err (*upgrade)(struct store *s, struct why *why);
	txn_fn *adopt; /* the last write to the copy before it is used: numbers assigned since the
	                                  * backup must not be assigned again. NULL: none */
};

/* Make the backup the store of the folder. The copy is verified (checksum, known format, no fsck
 * finding) and adopted before anything in the folder changes, and is put in place atomically.
 * ERR_MISSING: no such file; ERR_CORRUPT: damaged or not a backup of Roost; ERR_DENIED: it is
 * encrypted, and the passphrase is wrong or missing; ERR_CONFLICT: a server is running in the
 * folder, or a store exists and replace is false; ERR_FULL, ERR_IO. */
enum err store_restore(const struct restore_params *p, struct why *why) MUST_USE;

#endif
