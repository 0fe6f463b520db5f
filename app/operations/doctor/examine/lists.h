/* operations/doctor/examine/lists.h: lists of bad senders in DNS (RFC 5782): what they
 * are asked, and what they say. Pure. */
#ifndef DOCTOR_LISTS_H
#define DOCTOR_LISTS_H
#include "foundation/base/cur.h"
#include "network/runtime/addr.h"
#include "operations/doctor/records/dns_check.h"

struct list {
	struct str zone;
	bool of_domain; /* it lists domains, not addresses */
};
/* The next of ROOST_DOCTOR_BLOCKLISTS, "zen.spamhaus.org, dbl.spamhaus.org of=domain"; false: none
 * is left. Unknown words after a zone's name are ignored. */
bool list_next(struct cur *c, struct list *out);

/* The name that is asked for, in a; domain counts for a list of domains. */
struct str list_question(const struct list *list, const struct addr *ip, struct str domain,
                         struct arena *a);

struct list_answer {
	const struct list *list;
	enum dns_status status;
	struct str *data; /* addresses, as text */
	size_t count;
	/* the judgement */
	enum dns_state state;
	struct str words, advice;
};
void list_judge(struct list_answer *answer, struct arena *a);

#endif
