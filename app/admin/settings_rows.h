/* admin/settings_rows.h: the rows of settings in the store, for admin/settings_*.c only. */
#ifndef ADMIN_SETTINGS_ROWS_H
#define ADMIN_SETTINGS_ROWS_H
#include "admin/settings_store.h"

/* The edit that would make the row what it is now: its value, borrowed from t, or unset. */
enum err settings_row_find(struct txn *t, enum setting_id id, struct setting_edit *out) MUST_USE;
enum err settings_row_write(struct txn *t, const struct setting_edit *edit) MUST_USE;

#endif
