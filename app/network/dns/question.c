/* network/dns/question.c: see question.h. */
#include "network/dns/question.h"

#include "foundation/base/cond.h"
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "network/dns/answer.h"
#include "network/dns/private.h"

#include <stdatomic.h>
#include <string.h>

struct dns_question {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	atomic_uint owners;
	struct dns_observer *observer;
	struct str key;
	_Atomic uint64_t mark;
	bool done;              /* lock */
	enum dns_status status; /* lock; constant once done */
	struct str bytes;       /* lock; constant once done */
};

static struct str copy(struct str s)
{
	char *p = mem_new(s.n + 1);

	if (s.n != 0)
		memcpy(p, s.p, s.n);
	return str_from(p, s.n);
}

static struct dns_question *question_new(void)
{
	struct dns_question *q = NEW(struct dns_question);

	pthread_mutex_init(&q->lock, NULL);
	cond_init(&q->answered);
	q->owners = 1;
	q->status = DNS_RETRY;
	return q;
}

struct dns_question *dns_question_new(struct str key, struct dns_observer *l)
{
	struct dns_question *q = question_new();

	q->key = copy(key);
	q->observer = l;
	return q;
}

struct dns_question *dns_question_answered(enum dns_status status, struct str bytes)
{
	struct dns_question *q = question_new();

	q->bytes = copy(bytes);
	q->status = status;
	q->done = true;
	return q;
}

struct dns_question *dns_question_ref(struct dns_question *q)
{
	atomic_fetch_add(&q->owners, 1);
	return q;
}

void dns_question_unref(struct dns_question *q)
{
	if (q == NULL || atomic_fetch_sub(&q->owners, 1) != 1)
		return;
	mem_free((void *)(uintptr_t)q->key.p);
	mem_free((void *)(uintptr_t)q->bytes.p);
	pthread_cond_destroy(&q->answered);
	pthread_mutex_destroy(&q->lock);
	mem_free(q);
}

struct str dns_question_key(const struct dns_question *q)
{
	return q->key;
}

void dns_question_mark(struct dns_question *q, uint64_t mark)
{
	atomic_store(&q->mark, mark);
}

uint64_t dns_question_marked(const struct dns_question *q)
{
	return atomic_load(&q->mark);
}

/* --- the answer ------------------------------------------------------------------------------ */

static enum dns_status status_of(ares_status_t status, const ares_dns_record_t *answer)
{
	/* c-ares does not check this flag: a reflected query is not a denial. */
	if (answer == NULL || !(ares_dns_record_get_flags(answer) & ARES_FLAG_QR))
		return DNS_RETRY;
	if (status != ARES_SUCCESS && status != ARES_ENOTFOUND && status != ARES_ENODATA)
		return DNS_RETRY;
	switch (ares_dns_record_get_rcode(answer)) {
	case ARES_RCODE_NOERROR:
		return DNS_OK;
	case ARES_RCODE_NXDOMAIN:
		return DNS_NXDOMAIN;
	default:
		return DNS_RETRY;
	}
}

static void land(struct dns_question *q, struct dns_outcome *outcome)
{
	q->observer->answered(q->observer, q, outcome);
	pthread_mutex_lock(&q->lock);
	q->status = outcome->status;
	q->bytes = copy(outcome->bytes);
	q->done = true;
	pthread_cond_broadcast(&q->answered);
	pthread_mutex_unlock(&q->lock);
}

/* In c-ares' thread. */
static void question_answered(void *arg, ares_status_t status, size_t timeouts,
                              const ares_dns_record_t *answer)
{
	struct dns_question *q = arg;
	struct dns_outcome outcome = { .status = status_of(status, answer) };
	unsigned char *bytes = NULL;
	size_t n = 0;

	(void)timeouts;
	if (outcome.status != DNS_RETRY && ares_dns_write(answer, &bytes, &n) != ARES_SUCCESS)
		outcome.status = DNS_RETRY;
	if (outcome.status != DNS_RETRY) {
		outcome.bytes = str_from((const char *)bytes, n);
		outcome.ttl_s = dns_answer_ttl(answer, &outcome.positive);
	}
	land(q, &outcome);
	ares_free_string(bytes);
	dns_question_unref(q);
}

enum { EDNS_DO = 0x8000 };

/* The query message: with EDNS for more than 512 bytes over UDP (RFC 6891) and its DO bit (RFC
 * 3225). CD is set only when this server validates (RFC 6840 5.9), because a validating name server
 * then returns bogus answers too (RFC 4035 3.2.2, 4.9.2). */
static ares_dns_record_t *query_new(const char *name, ares_dns_rec_type_t type, bool judged)
{
	ares_dns_record_t *query = NULL;
	ares_dns_rr_t *opt;
	unsigned short flags = (unsigned short)(ARES_FLAG_RD | (judged ? ARES_FLAG_CD : 0));

	if (ares_dns_record_create(&query, 0, flags, ARES_OPCODE_QUERY, ARES_RCODE_NOERROR) !=
	    ARES_SUCCESS)
		return NULL;
	if (ares_dns_record_query_add(query, name, type, ARES_CLASS_IN) == ARES_SUCCESS &&
	    ares_dns_record_rr_add(&opt, query, ARES_SECTION_ADDITIONAL, "", ARES_REC_TYPE_OPT,
	                           ARES_CLASS_IN, 0) == ARES_SUCCESS &&
	    ares_dns_rr_set_u16(opt, ARES_RR_OPT_UDP_SIZE, DNS_UDP_SIZE) == ARES_SUCCESS &&
	    ares_dns_rr_set_u8(opt, ARES_RR_OPT_VERSION, 0) == ARES_SUCCESS &&
	    ares_dns_rr_set_u16(opt, ARES_RR_OPT_FLAGS, EDNS_DO) == ARES_SUCCESS)
		return query;
	ares_dns_record_destroy(query);
	return NULL;
}

void dns_question_send(struct dns_question *q, ares_channel_t *channel, struct str name,
                       ares_dns_rec_type_t type, bool judged)
{
	struct arena scratch = { 0 };
	ares_dns_record_t *query = NULL;

	if (!fault("dns_ask"))
		query = query_new(str_z(&scratch, name), type, judged);
	/* The callback always runs, maybe before this returns. */
	if (query != NULL)
		CLOSING(ares_send_dnsrec(channel, query, question_answered, dns_question_ref(q),
		                         NULL));
	else
		land(q, &(struct dns_outcome){ .status = DNS_RETRY });
	ares_dns_record_destroy(query);
	arena_deinit(&scratch);
}

enum dns_status dns_question_await(struct dns_question *q, int64_t deadline_ms, struct str *bytes)
{
	enum dns_status s = DNS_RETRY;

	*bytes = STR_EMPTY;
	pthread_mutex_lock(&q->lock);
	while (!q->done && cond_wait_until(&q->answered, &q->lock, deadline_ms)) {
	}
	if (q->done) {
		s = q->status;
		*bytes = q->bytes;
	}
	pthread_mutex_unlock(&q->lock);
	return s;
}
