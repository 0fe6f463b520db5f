/* operations/doctor/own/own_reports.h: what becomes of reports that others send to an address at a
 * domain of ours: does it exist, and does the server read what comes there
 * (model/directory/reports_to.h)? */
#ifndef DOCTOR_OWN_REPORTS_H
#define DOCTOR_OWN_REPORTS_H
#include "formats/message/mailaddr.h"

struct settings;
struct store;

enum own_reports {
	OWN_REPORTS_ELSEWHERE, /* others get them, or it is not known       */
	OWN_REPORTS_READ,      /* by this server, or it is to read none     */
	OWN_REPORTS_UNREAD,    /* they lie in a mailbox, and nothing more   */
	OWN_REPORTS_LOST,      /* there is no such address: they are refused */
};

struct own_reports_of {
	struct store *store;
	const struct settings *settings;
};

/* Opens a transaction of its own. Any thread. */
enum own_reports own_reports_find(const struct own_reports_of *of, const struct mailaddr *to);

#endif
