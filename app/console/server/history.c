/* console/server/history.c: see server.h. Failures are ignored: nothing depends on the history. */
#include "console/server/server.h"

#include "foundation/base/clock.h"
#include "foundation/observe/history.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { RECORD_MAX = HISTORY_STEPS * HISTORY_WHATS * 10 };

static const struct str row_key = STR("history");

static enum err history_row_load(struct txn *t, void *arg)
{
	struct str record;
	enum err e = kv_get(t, SPACE_LOOKUP, row_key, &record);

	(void)arg;
	if (e == OK)
		history_unpack(record);
	return e;
}

void history_load(struct store *s)
{
	if (store_read(s, history_row_load, NULL) != OK)
		return; /* the history starts empty */
}

static enum err history_row_save(struct txn *t, void *arg)
{
	return kv_put(t, SPACE_LOOKUP, row_key, buf_str(arg));
}

void history_save(struct store *s)
{
	struct buf b;

	if (s == NULL)
		return;
	buf_init(&b, RECORD_MAX);
	history_pack(&b, clock_real_ms());
	if (store_write(s, history_row_save, &b, NULL) != OK)
		(void)0; /* the next start then shows less */
	buf_deinit(&b);
}
