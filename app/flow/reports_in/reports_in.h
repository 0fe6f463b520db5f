/* flow/reports_in/reports_in.h: reports that others send us about mail of our domains and about
 * mail to them: DMARC aggregate reports, reports on TLS, complaints and failures.
 *
 * Chapter. Who delivers a message notes that it waits (desk.h); a thread finds the documents in
 * it (mail.c), unpacks (unpack.h) and reads them (draft.c, formats/reports/), and puts what they
 * say into the store (store.h). Two spaces, written by this folder only:
 *
 *	report:        'r', id            -> the head of a report: struct report_in
 *	               'c', id, number    -> some of its rows (rows.h)
 *	               'd', hash          -> its id: who brings it again is turned away
 *	               'q', day, domain.. -> how many came on a day, and their bytes (count.c)
 *	               'w', number        -> mail that waits to be read (waiting.h)
 *	report_tally:  domain, what, day, name -> sums of what the reports of that day say
 *
 * Anybody can write a report. So only those whose sender is proven (by DMARC, or by what DMARC
 * would go by) are in the sums; the others are kept, shown as unproven, and count nowhere. And
 * whoever has a domain of his own is proven: who reported is said with everything. */
#ifndef REPORTS_IN_H
#define REPORTS_IN_H
#include "flow/reports_in/kind.h"
#include "foundation/base/str.h"

#include <stdbool.h>

struct report_in {
	uint64_t id; /* has the time of receipt in it */
	enum report_kind kind;
	struct str domain;       /* of ours, which it is about                  */
	struct str organization; /* who made it, by his own words               */
	struct str contact;
	struct str report_id;    /* the maker's                                 */
	struct str from;         /* author of the mail that brought it          */
	int64_t received_ms, begin_ms, end_ms;
	uint64_t rows;                     /* that are kept                     */
	uint64_t messages, passed, failed; /* TLS: sessions; FAILURE: incidents */
	bool proven;
	struct str policy;  /* DMARC: as it was found, in a line                 */
	struct str remarks; /* what was odd, a line each                        */
};

#endif
