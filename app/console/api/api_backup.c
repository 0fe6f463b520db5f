/* console/api/api_backup.c: GET /api/backup: everything, as a file for `roost restore`. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "foundation/text/date.h"
#include "model/store/backup/backup.h"

static enum err note(struct txn *t, void *arg)
{
	return api_audit(t, arg, "backup", STR_EMPTY, STR_EMPTY, STR_EMPTY);
}

/* The copy is made before the first byte goes out, so it is complete, its size is known, and
 * what the caller takes for the download keeps nothing of the store waiting. */
enum err api_backup(struct api_call *c)
{
	struct date_civil d = date_civil_of(clock_real_ms());
	struct http_response *r = c->response;
	enum err e = store_write(c->admin->store, note, c, &c->why);

	if (e == OK)
		e = store_backup_open(c->admin->store, c->admin->settings->backup_passphrase,
		                      &r->file, &r->file_bytes, &c->why);
	if (e != OK)
		return e;
	r->type = "application/octet-stream";
	http_set(r, "Content-Disposition",
	         str_fmt(c->arena, "attachment; filename=\"roost-%04d-%02d-%02d.backup\"", d.year,
	                 d.month, d.day));
	return OK;
}
