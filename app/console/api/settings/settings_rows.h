/* console/api/settings/settings_rows.h: the rows of settings in the store, for
 * admin/settings_*.c only. */
#ifndef API_SETTINGS_ROWS_H
#define API_SETTINGS_ROWS_H
#include "console/api/settings/settings_store.h"

/* The edit that would make the row what it is now: its value, borrowed from t, or unset. */
enum err settings_row_find(struct txn *t, enum setting_id id, struct setting_edit *out) MUST_USE;
enum err settings_row_write(struct txn *t, const struct setting_edit *edit) MUST_USE;

#endif
