/* model/store/migrate.h: the version of the store's format, and migrations from older ones. Only
 * store/ includes this. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H
#include "foundation/base/err.h"
#include "foundation/base/util.h"

struct txn;

enum { STORE_FORMAT = 3 }; /* the version that this Roost writes */

struct migration {
	unsigned to; /* from to - 1 */
	enum err (*run)(struct txn *t);
};

/* Ends with a row whose run is NULL. */
extern const struct migration store_migrations[];

enum { FORMAT_WRITER_MAX = 40 };

struct format {
	unsigned version;                   /* 0: the store is empty */
	char writer[FORMAT_WRITER_MAX + 1]; /* the version of Roost that set this format, "0.1.0";
	                                     * "": unknown, from before the first release */
};

/* The format of a store. ERR_CORRUPT: its contents are not Roost's. */
enum err format_get(struct txn *t, struct format *out, struct why *why) MUST_USE;

/* ERR_CONFLICT: the format is newer than newest. */
enum err format_known(const struct format *f, unsigned newest, struct why *why) MUST_USE;

/* Migrate the store to version `newest` by the steps of the table, or mark an empty one with that
 * version. */
enum err format_migrate(struct txn *t, const struct migration *steps, unsigned newest,
                        struct why *why) MUST_USE;

#endif
