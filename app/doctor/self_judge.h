/* doctor/self_judge.h: the steps in which a receiver judges a message of ours; see self_test.h. */
#ifndef DOCTOR_SELF_JUDGE_H
#define DOCTOR_SELF_JUDGE_H
#include "doctor/look.h"
#include "message/mailaddr.h"

struct self_judge {
	const struct settings *settings;
	struct str domain;
	struct mailaddr from;
	struct str signatures; /* header fields in front of the body          */
	struct str body;       /* the message, with its header                */
	struct arena *a;       /* where strings of the checks live            */
	/* what earlier steps have found, for the last ones */
	struct dns *dns;
};

/* Make one step, from 0 on, and append what it found. False: that was no step any more. */
bool self_judge(struct self_judge *j, size_t step, struct checks *out);

#endif
