/* flow/policy/authentication/verified.h: what was found out about who sent a message, and the field
 * that says so to everybody behind us: Authentication-Results (RFC 8601).
 *
 * Rows of the table fill it in as they are asked; whoever judges (DMARC) reads it. */
#ifndef POLICY_VERIFIED_H
#define POLICY_VERIFIED_H
#include "flow/policy/check.h"
#include "formats/mailauth/arc.h"
#include "formats/mailauth/bimi.h"
#include "formats/mailauth/dmarc.h"
#include "formats/mailauth/report_dmarc.h"
#include "formats/mailauth/spf.h"

/* One signature; strings as the signer wrote them. */
struct policy_signature {
	enum dkim_result result;
	struct str domain, selector, identity, algorithm; /* d=, s=, i=, a= */
	struct str names;  /* h=             */
	struct str begins; /* b=             */
	struct str why;    /* but for a pass */
	bool testing;      /* its domain is only trying: it proves nothing (RFC 6376 3.6.1) */
	bool tls_report;   /* no pass, but it would do for a report on TLS (RFC 8460 3)     */
	bool body_changed; /* it failed, since the body is not what was signed              */
};

/* A set of ARC by a sealer whom we trust, who had seen DMARC pass for this author. */
struct policy_voucher {
	unsigned instance;
	struct str sealer, selector, author;
};

/* Of a transaction; in its arena. What was not asked is not there. */
struct policy_verified {
	bool spf, dkim, dmarc; /* were asked */
	/* There was no time to look at what may have proven the author, or at some of it, since
	 * others kept us busy, or who brings the mail did: no error of anybody's DNS. */
	bool spf_late, dkim_late;
	struct spf_answer spf_helo, spf_mail;
	struct policy_signature *signatures; /* from the top */
	size_t signature_count;
	bool more_of_author; /* there are more by his organization than were looked at */
	enum arc_result arc;
	struct str arc_why; /* for people */
	bool arc_unanswered; /* ARC_FAIL for want of a key that DNS may have later */
	struct policy_voucher *vouchers; /* from the last set down */
	size_t voucher_count;
	struct str author; /* the domain of From; empty: there is none */
	struct str record_domain, record; /* that counts for it, as it was found; empty */
	struct dmarc_verdict dmarc_verdict;
	/* What DMARC did to the message, for reports (RFC 7489 7.2): final once the stage END was
	 * asked and not before. None when it let it go on, whatever others did to it. */
	enum dmarc_policy disposition;
	enum report_dmarc_override override; /* why not as the domain asks */
	struct str override_comment;         /* for people, or empty       */
	struct bimi_answer bimi; /* all zero, which is BIMI_NONE: it was not asked */
};

/* What this transaction has so far; made when it is first asked for. */
struct policy_verified *policy_verified(struct policy_run *r);

/* The field, and behind it that of BIMI where there is one; empty when nothing was asked, as of
 * mail from users. Made when it is first asked for, at END behind those who find something, and
 * the same from then on: filters count their places by it. In the transaction's memory. */
struct str policy_results(struct policy_session *s);
struct str policy_results_of(struct policy_run *r);

/* What those to whom the message is handed on are told of how it came; in the transaction's memory.
 * NULL: it is a user's, or nobody has looked at its signatures, or they could not be told of now:
 * then nothing is said, since a chain that was called broken stays so (RFC 8617 5.2.1). */
const struct delivery_arrival *policy_verified_arrival(struct policy_session *s);

#endif
