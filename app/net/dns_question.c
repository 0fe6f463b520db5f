/* net/dns_question.c: see dns_question.h. */
#include "net/dns_question.h"

#include "base/cond.h"
#include "base/fault.h"
#include "base/mem.h"

#include <stdatomic.h>

struct dns_question {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	atomic_uint owners;
	bool done;                 /* lock */
	enum dns_status status;    /* lock */
	ares_dns_record_t *answer; /* lock; NULL unless DNS_OK */
};

static struct dns_question *question_new(void)
{
	struct dns_question *q = NEW(struct dns_question);

	pthread_mutex_init(&q->lock, NULL);
	cond_init(&q->answered);
	q->owners = 2;
	q->status = DNS_RETRY;
	return q;
}

void dns_question_unref(struct dns_question *q)
{
	if (q == NULL || atomic_fetch_sub(&q->owners, 1) != 1)
		return;
	ares_dns_record_destroy(q->answer);
	pthread_cond_destroy(&q->answered);
	pthread_mutex_destroy(&q->lock);
	mem_free(q);
}

static enum dns_status status_of(ares_status_t status, const ares_dns_record_t *answer)
{
	if (status == ARES_ENOTFOUND)
		return DNS_NXDOMAIN;
	if (status == ARES_ENODATA)
		return DNS_NODATA;
	if (status != ARES_SUCCESS || answer == NULL)
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

/* In c-ares' thread. */
static void question_answered(void *arg, ares_status_t status, size_t timeouts,
                              const ares_dns_record_t *answer)
{
	struct dns_question *q = arg;

	(void)timeouts;
	pthread_mutex_lock(&q->lock);
	q->status = status_of(status, answer);
	if (q->status == DNS_OK) {
		q->answer = ares_dns_record_duplicate(answer);
		if (q->answer == NULL)
			q->status = DNS_RETRY;
	}
	q->done = true;
	pthread_cond_signal(&q->answered);
	pthread_mutex_unlock(&q->lock);
	dns_question_unref(q);
}

/* The query message: with the AD bit, which asks for AD in the answer (RFC 6840 5.7), and
 * EDNS for more than 512 bytes over UDP (RFC 6891). */
static ares_dns_record_t *query_new(const char *name, ares_dns_rec_type_t type)
{
	ares_dns_record_t *query = NULL;
	ares_dns_rr_t *opt;

	if (ares_dns_record_create(&query, 0, ARES_FLAG_RD | ARES_FLAG_AD, ARES_OPCODE_QUERY,
	                           ARES_RCODE_NOERROR) != ARES_SUCCESS)
		return NULL;
	if (ares_dns_record_query_add(query, name, type, ARES_CLASS_IN) == ARES_SUCCESS &&
	    ares_dns_record_rr_add(&opt, query, ARES_SECTION_ADDITIONAL, "", ARES_REC_TYPE_OPT,
	                           ARES_CLASS_IN, 0) == ARES_SUCCESS &&
	    ares_dns_rr_set_u16(opt, ARES_RR_OPT_UDP_SIZE, DNS_UDP_SIZE) == ARES_SUCCESS &&
	    ares_dns_rr_set_u8(opt, ARES_RR_OPT_VERSION, 0) == ARES_SUCCESS &&
	    ares_dns_rr_set_u16(opt, ARES_RR_OPT_FLAGS, 0) == ARES_SUCCESS)
		return query;
	ares_dns_record_destroy(query);
	return NULL;
}

struct dns_question *dns_question_ask(ares_channel_t *channel, struct str name,
                                      ares_dns_rec_type_t type)
{
	struct arena scratch = { 0 };
	ares_dns_record_t *query = NULL;
	struct dns_question *q = NULL;

	if (!fault("dns_ask"))
		query = query_new(str_z(&scratch, name), type);
	if (query != NULL) {
		q = question_new();
		/* The callback comes in any case, if need be before this returns. */
		ares_send_dnsrec(channel, query, question_answered, q, NULL);
	}
	ares_dns_record_destroy(query);
	arena_deinit(&scratch);
	return q;
}

enum dns_status dns_question_await(struct dns_question *q, int64_t deadline_ms,
                                   const ares_dns_record_t **answer)
{
	enum dns_status s = DNS_RETRY;

	*answer = NULL;
	if (q == NULL)
		return s;
	pthread_mutex_lock(&q->lock);
	while (!q->done && cond_wait_until(&q->answered, &q->lock, deadline_ms)) {
	}
	if (q->done) {
		s = q->status;
		*answer = q->answer;
	}
	pthread_mutex_unlock(&q->lock);
	return s;
}
