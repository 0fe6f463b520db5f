/* flow/reports_in/reports_in.h: incoming reports about mail of and to our domains: DMARC
 * aggregate reports, TLS reports, complaints and failure reports.
 *
 * Chapter. Delivery adds a message to the pending ones (report_intake.h). A thread finds the
 * documents in it (mail.c), unpacks (unpack.h) and parses them (draft.c,
 * formats/reports/), and stores the results (store.h). Two spaces, written by this folder
 * only:
 *
 *	report:        'r', id            -> the head of a report: struct report_in
 *	               'c', id, number    -> some of its rows (rows.h)
 *	               'd', hash          -> its id: duplicates are rejected
 *	               'q', day, domain.. -> count and bytes of a day's reports (count.c)
 *	               'w', number        -> pending mail (waiting.h)
 *	report_tally:  domain, what, day, name -> sums of the reports of that day
 *
 * Anybody can write a report. So only reports with a proven sender (by DMARC, or by an
 * aligned SPF or DKIM pass) are in the sums. Others are kept and shown as unproven.
 * Owners of a domain can prove any report, so every result names the reporter. */
#ifndef REPORTS_IN_H
#define REPORTS_IN_H
#include "flow/reports_in/kind.h"
#include "foundation/base/str.h"

#include <stdbool.h>

struct report_in {
	uint64_t id; /* includes the time of receipt */
	enum report_kind kind;
	struct str domain;       /* the local domain that it is about */
	struct str organization; /* the reporter, by its own name     */
	struct str contact;
	struct str report_id;    /* the reporter's                 */
	struct str from;         /* author of the mail that had it */
	int64_t received_ms, begin_ms, end_ms;
	uint64_t rows;                     /* that are stored                   */
	uint64_t messages, passed, failed; /* TLS: sessions; FAILURE: incidents */
	bool proven;
	struct str policy;  /* DMARC: as published, in one line */
	struct str remarks; /* anomalies, one each line         */
};

#endif
