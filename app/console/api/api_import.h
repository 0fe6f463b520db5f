/* console/api/api_import.h: what calls about imports ask for, and what they are answered; for
 * api_imports.c.
 *
 * Where mail may be fetched from: whoever may begin an import makes the server open connections.
 * So only owners reach private addresses and odd ports, as the old server in one's own network
 * may have; for everybody else it must be a host of the Internet and a port of IMAP, unless the
 * setting import_anywhere is on. The address is judged where it is dialled
 * (operations/transfer/remote_open.c). */
#ifndef API_API_IMPORT_H
#define API_API_IMPORT_H
#include "console/api/api.h"
#include "operations/transfer/import.h"

/* The body: import_new. Strings are of the call's. */
enum err import_take(struct api_call *c, struct import *i, struct str *password) MUST_USE;
/* The body's password alone. */
enum err import_password_take(struct api_call *c, struct str *out) MUST_USE;
/* What of the network this caller's imports may reach; and that it is he who asks. */
enum err import_where_check(struct api_call *c, struct import *i) MUST_USE;

/* The shape of that name; whole: with mailboxes and what was left out. */
void import_json_put(struct json_writer *w, const struct import *i, bool whole);
/* What was asked for, as members: the audit trail notes the same. */
void import_asked_put(struct json_writer *w, const struct import *i);
/* import_preview. */
void import_preview_put(struct json_writer *w, const struct transfer_folder *folders, size_t count);

#endif
