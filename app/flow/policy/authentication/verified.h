/* flow/policy/authentication/verified.h: the authentication results of a message, and the
 * field that records them: Authentication-Results (RFC 8601). Checks fill it in; DMARC
 * evaluates it. */
#ifndef POLICY_VERIFIED_H
#define POLICY_VERIFIED_H
#include "flow/policy/check.h"
#include "formats/mailauth/arc.h"
#include "formats/mailauth/bimi.h"
#include "formats/mailauth/dmarc.h"
#include "formats/mailauth/report_dmarc.h"
#include "formats/mailauth/spf.h"

/* One signature; strings as in its field. */
struct policy_signature {
	enum dkim_result result;
	struct str domain, selector, identity, algorithm; /* d=, s=, i=, a= */
	struct str names;  /* h=                                                        */
	struct str begins; /* b=                                                        */
	struct str why;    /* unless it passed                                          */
	bool testing;      /* its domain tests DKIM: it proves nothing (RFC 6376 3.6.1) */
	bool tls_report;   /* did not pass, but suffices for a TLS report (RFC 8460 3)  */
	bool body_changed; /* it failed because the body was changed                    */
};

/* An ARC set by a trusted sealer that recorded a DMARC pass for this author. */
struct policy_voucher {
	unsigned instance;
	struct str sealer, selector, author;
};

/* Results of a transaction; in its arena. Members are empty for checks that did not run. */
struct policy_verified {
	bool spf, dkim, dmarc; /* checks that ran */
	/* The check could not run, in full or in part, because the server was busy or the
	 * client too fast: not an error of DNS. */
	bool spf_late, dkim_late;
	struct spf_answer spf_helo, spf_mail;
	struct policy_signature *signatures; /* from the top */
	size_t signature_count;
	bool more_of_author; /* the author's organization has more signatures than were
	                      * checked */
	enum arc_result arc;
	struct str arc_why; /* for people */
	bool arc_unanswered; /* ARC_FAIL because a key is missing that DNS may have later */
	struct policy_voucher *vouchers; /* from the last set down */
	size_t voucher_count;
	struct str author; /* the domain of From; empty: there is none */
	struct str record_domain, record; /* the applicable DMARC record as found, and its
	                                   * domain; or empty */
	struct dmarc_verdict dmarc_verdict;
	/* The action of DMARC for reports (RFC 7489 7.2): final once the stage END has
	 * run. None if DMARC let the message pass, whatever other checks did. */
	enum dmarc_policy disposition;
	enum report_dmarc_override override; /* why it differs from the domain's policy */
	struct str override_comment;         /* for people, or empty                    */
	struct bimi_answer bimi; /* all zero, which is BIMI_NONE: not looked up */
};

/* The results of this transaction; created by the first call. */
struct policy_verified *policy_verified(struct policy_run *r);

/* Authentication-Results, followed by the BIMI field if there is one; empty if no check
 * ran, as for mail from users. Created by the first call, at END after the checks that
 * add results, and constant from then on: filters count positions by it. In the
 * transaction's memory. */
struct str policy_results(struct policy_session *s);
struct str policy_results_of(struct policy_run *r);

/* The results for the next ARC set if the message is forwarded; in the transaction's
 * memory. NULL: mail of a user, or its signatures could not be checked now. Then no set
 * is added, because a chain marked as broken stays broken (RFC 8617 5.2.1). */
const struct arc_arrival *policy_verified_arrival(struct policy_session *s);

#endif
