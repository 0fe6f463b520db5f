/* model/store/folder.h: the data folder. Only store/ includes this. */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H
#include "foundation/base/err.h"

struct arena;

/* Open the folder for openat, making it (mode 0700) when create is set. *fd is -1 unless
 * OK. ERR_MISSING; ERR_DENIED: not ours to read and write; ERR_CONFLICT: it lies on a
 * network file system; ERR_FULL, ERR_IO. */
enum err folder_open(const char *path, bool create, int *fd, struct why *why) MUST_USE;

/* Take the server's lock, which lasts until fd is closed. ERR_CONFLICT: somebody has it, and not
 * just to look as folder_is_free does. */
enum err folder_lock(int fd, const char *path, struct why *why) MUST_USE;
/* Does nobody else have it at this moment? Also false when nobody can say. */
bool folder_is_free(int fd);

/* The name of the network file system that statfs calls by this magic number, NULL when
 * it is none. */
const char *folder_network_name(unsigned long magic);

/* The name of a restore's copy before it is put in place, in a. */
const char *folder_restore_name(struct arena *a) MUST_USE;
/* Remove the copies of restores that were killed. Under the server's lock: a restore holds it
 * as long as it lives. What cannot be removed stays, and costs nothing but room. */
void folder_sweep(int fd);

/* Make names in the folder durable. */
enum err folder_sync(int fd, struct why *why) MUST_USE;

/* Close and set to -1; -1 is a no-op. */
void folder_close(int *fd);

#endif
