/* operations/doctor/self_test/self_judge.h: the steps in which a receiver judges a message of
 * ours; see self_test.h. */
#ifndef DOCTOR_SELF_JUDGE_H
#define DOCTOR_SELF_JUDGE_H
#include "formats/mailauth/dmarc.h"
#include "formats/mailauth/mta_sts.h"
#include "formats/message/mailaddr.h"
#include "operations/doctor/server/server_checks.h"

struct self_judge {
	const struct settings *settings;
	struct str domain;
	struct mailaddr from;
	struct str signatures; /* header fields in front of the body          */
	struct str body;       /* the message, with its header                */
	struct arena *a;       /* where strings of the checks live            */
	enum mta_sts_mode mta_sts; /* of the domain here */
	/* what earlier steps have found, for the later ones */
	struct dns *dns;
	struct addr ip; /* whence others get the mail; ADDR_NONE: not known */
	enum spf_result spf;
	struct str spf_domain;
	struct dmarc_signature *signed_by;
	size_t signed_count;
};

/* Steps. The address comes first: later ones are about it. */
void judge_address(struct self_judge *j, struct checks *out);
void judge_spf(struct self_judge *j, struct checks *out);
void judge_dmarc(struct self_judge *j, struct checks *out);
void judge_lists(struct self_judge *j, struct checks *out);
void judge_port(struct self_judge *j, struct checks *out);
void judge_policy(struct self_judge *j, struct checks *out);

/* Make one step, from 0 on, and append what it found. False: that was no step any more. */
bool self_judge(struct self_judge *j, size_t step, struct checks *out);

#endif
