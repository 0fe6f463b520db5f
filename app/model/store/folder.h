/* model/store/folder.h: the data folder. Only store/ includes this. */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H
#include "foundation/base/err.h"

struct arena;

/* Open the folder for openat, creating it (mode 0700) when create is set. *fd is -1 unless OK.
 * ERR_MISSING; ERR_DENIED: no permission to read and write; ERR_CONFLICT: it is on a network file
 * system; ERR_FULL, ERR_IO. */
enum err folder_open(const char *path, bool create, int *fd, struct why *why) MUST_USE;

/* Take the server's lock, until fd is closed. ERR_CONFLICT: another process has it (a short probe
 * by folder_is_free does not count). */
enum err folder_lock(int fd, const char *path, struct why *why) MUST_USE;
/* Is the lock free at this moment? Also false when that is unknown. */
bool folder_is_free(int fd);

/* The name of the network file system with this magic number of statfs, NULL for others. */
const char *folder_network_name(unsigned long magic);

/* The name of a restore's copy before it is put in place, in a. */
const char *folder_restore_name(struct arena *a) MUST_USE;
/* Remove the copies of interrupted restores. Under the server's lock, which a running restore
 * holds. Failures are ignored: the files only take space. */
void folder_sweep(int fd);

/* Make names in the folder durable. */
enum err folder_sync(int fd, struct why *why) MUST_USE;

/* Close and set to -1; -1 is a no-op. */
void folder_close(int *fd);

#endif
