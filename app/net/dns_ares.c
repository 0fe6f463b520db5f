/* net/dns_ares.c: questions to real name servers by c-ares; see dns.h.
 *
 * How a question is asked and awaited is in net/dns_question.h, what answers mean in
 * net/dns_answer.h. */
#include "net/dns_answer.h"

#include "base/buf.h"
#include "base/fault.h"
#include "base/mem.h"
#include "net/dns_question.h"

#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

enum {
	TIMEOUT_MS = 3000,
	TRIES = 2,
	/* Questions from one port before another is taken, against forged answers. */
	QUERIES_PER_PORT = 50,
};

struct resolver {
	struct dns dns;
	int64_t timeout_ms;
	pthread_rwlock_t lock;   /* held while a question is sent, not while it is awaited */
	ares_channel_t *channel; /* lock */
};

static struct dns_question *ask(struct dns *d, struct str name, ares_dns_rec_type_t type)
{
	struct resolver *r = container_of(d, struct resolver, dns);
	struct dns_question *q;

	pthread_rwlock_rdlock(&r->lock);
	q = dns_question_ask(r->channel, name, type);
	pthread_rwlock_unlock(&r->lock);
	return q;
}

/* Ask and wait for records; they live as long as *q, which the caller releases. */
static enum dns_status look_up(struct dns *d, struct str name, ares_dns_rec_type_t type,
                               int64_t deadline_ms, struct dns_question **q,
                               struct dns_records *out)
{
	const ares_dns_record_t *answer;
	enum dns_status s;

	*q = ask(d, name, type);
	s = dns_question_await(*q, deadline_ms, &answer);
	return s == DNS_OK ? dns_records_find(answer, name, type, out) : s;
}

/* --- the kinds -------------------------------------------------------------- */

static enum dns_status ares_mx(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                               struct dns_mx_list *out)
{
	struct dns_records found = { .count = 0 };
	struct dns_question *q;
	enum dns_status s = look_up(d, name, ARES_REC_TYPE_MX, deadline_ms, &q, &found);

	out->items = arena_array(a, struct dns_mx, found.count);
	out->authenticated = found.authenticated;
	for (size_t i = 0; i < found.count; i++) {
		struct dns_mx *mx = &out->items[out->count];

		mx->preference = ares_dns_rr_get_u16(found.items[i], ARES_RR_MX_PREFERENCE);
		out->count += dns_host_take(
			a, ares_dns_rr_get_str(found.items[i], ARES_RR_MX_EXCHANGE), &mx->host);
	}
	dns_question_unref(q);
	return s == DNS_OK && out->count == 0 ? DNS_NODATA : s;
}

static void take_addresses(const struct dns_records *found, ares_dns_rec_type_t type,
                           struct dns_addr_list *out)
{
	for (size_t i = 0; i < found->count && out->count < DNS_ADDRS_MAX; i++) {
		struct addr *to = &out->items[out->count++];

		if (type == ARES_REC_TYPE_A) {
			to->family = ADDR_V4;
			memcpy(to->ip, ares_dns_rr_get_addr(found->items[i], ARES_RR_A_ADDR), 4);
		} else {
			to->family = ADDR_V6;
			memcpy(to->ip, ares_dns_rr_get_addr6(found->items[i], ARES_RR_AAAA_ADDR),
			       16);
		}
	}
}

static enum dns_status ares_addresses(struct dns *d, struct arena *a, struct str name,
                                      unsigned families, int64_t deadline_ms,
                                      struct dns_addr_list *out)
{
	static const struct {
		unsigned family;
		ares_dns_rec_type_t type;
	} kinds[] = { { DNS_V6, ARES_REC_TYPE_AAAA }, { DNS_V4, ARES_REC_TYPE_A } };
	struct dns_question *q[COUNT(kinds)] = { NULL };
	enum dns_status worst = DNS_NXDOMAIN;

	out->items = arena_array(a, struct addr, DNS_ADDRS_MAX);
	out->authenticated = true;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		if (families & kinds[k].family)
			q[k] = ask(d, name, kinds[k].type);
	}
	for (size_t k = 0; k < COUNT(kinds); k++) {
		const ares_dns_record_t *answer;
		struct dns_records found = { .count = 0 };
		enum dns_status s;

		if (!(families & kinds[k].family))
			continue;
		s = dns_question_await(q[k], deadline_ms, &answer);
		if (s == DNS_OK) {
			s = dns_records_find(answer, name, kinds[k].type, &found);
			take_addresses(&found, kinds[k].type, out);
			out->authenticated = out->authenticated && found.authenticated;
		}
		if (s == DNS_RETRY || (s == DNS_NODATA && worst == DNS_NXDOMAIN))
			worst = s;
	}
	for (size_t k = 0; k < COUNT(kinds); k++)
		dns_question_unref(q[k]);
	out->authenticated = out->authenticated && out->count != 0;
	return out->count != 0 ? DNS_OK : worst;
}

static enum dns_status ares_txt(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	struct dns_records found = { .count = 0 };
	struct dns_question *q;
	enum dns_status s = look_up(d, name, ARES_REC_TYPE_TXT, deadline_ms, &q, &found);

	out->items = arena_array(a, struct str, found.count);
	out->authenticated = found.authenticated;
	for (size_t i = 0; i < found.count; i++) {
		size_t n = 0;
		/* All strings of the record, joined (RFC 7208 3.3). */
		const unsigned char *p = ares_dns_rr_get_bin(found.items[i], ARES_RR_TXT_DATA, &n);

		out->items[out->count++] = str_dup(a, str_from((const char *)p, n));
	}
	dns_question_unref(q);
	return s;
}

static enum dns_status ares_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	struct dns_records found = { .count = 0 };
	struct dns_question *q;
	enum dns_status s =
		look_up(d, dns_reverse_name(a, ip), ARES_REC_TYPE_PTR, deadline_ms, &q, &found);

	out->items = arena_array(a, struct str, found.count);
	out->authenticated = found.authenticated;
	for (size_t i = 0; i < found.count; i++) {
		struct str *host = &out->items[out->count];

		if (dns_host_take(a, ares_dns_rr_get_str(found.items[i], ARES_RR_PTR_DNAME), host))
			out->count += host->n != 0;
	}
	dns_question_unref(q);
	return s == DNS_OK && out->count == 0 ? DNS_NODATA : s;
}

static enum dns_status ares_records(struct dns *d, struct arena *a, struct str name,
                                    enum dns_type type, int64_t deadline_ms,
                                    struct dns_text_list *out)
{
	struct dns_records found = { .count = 0 };
	struct dns_question *q;
	enum dns_status s = look_up(d, name, dns_text_type(type), deadline_ms, &q, &found);

	out->items = arena_array(a, struct str, found.count);
	out->count = found.count;
	out->authenticated = found.authenticated;
	for (size_t i = 0; i < found.count; i++)
		out->items[i] = dns_text(a, type, found.items[i]);
	dns_question_unref(q);
	return s;
}

/* --- birth and death -------------------------------------------------------- */

static void resolver_free(struct dns *d)
{
	struct resolver *r = container_of(d, struct resolver, dns);

	if (r->channel != NULL)
		ares_destroy(r->channel); /* answers open questions with an error */
	ares_library_cleanup();
	pthread_rwlock_destroy(&r->lock);
	mem_free(r);
}

static bool set_servers(ares_channel_t *channel, const struct addr_list *servers)
{
	struct buf list;
	bool ok;

	if (servers->count == 0)
		return true;
	buf_init(&list, KIB(16));
	for (size_t i = 0; i < servers->count; i++) {
		char text[ADDR_TEXT_MAX];

		buf_put(&list, i != 0 ? STR(",") : STR(""));
		buf_put(&list, addr_text(&servers->items[i], text));
	}
	buf_byte(&list, '\0');
	ok = buf_ok(&list) && ares_set_servers_ports_csv(channel, list.p) == ARES_SUCCESS;
	buf_deinit(&list);
	return ok;
}

static enum err channel_new(const struct addr_list *servers, int64_t timeout_ms,
                            ares_channel_t **out, struct why *why)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
		.timeout = (int)timeout_ms,
		.tries = TRIES,
		.ednspsz = DNS_UDP_SIZE,
		.udp_max_queries = QUERIES_PER_PORT,
		.evsys = ARES_EVSYS_DEFAULT,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
	           ARES_OPT_UDP_MAX_QUERIES | ARES_OPT_EVENT_THREAD;
	int status = fault("dns_new") ? ARES_ENOMEM : ares_init_options(out, &options, mask);

	if (status == ARES_SUCCESS && !set_servers(*out, servers)) {
		ares_destroy(*out);
		status = ARES_EBADSTR;
	}
	if (status == ARES_SUCCESS)
		return OK;
	*out = NULL;
	return fail(why, ERR_IO, "cannot set up DNS: %s", ares_strerror(status));
}

/* A channel that was given servers never goes back to the system's, so a new one is made. */
static enum err ares_servers_set(struct dns *d, const struct addr_list *servers, struct why *why)
{
	struct resolver *r = container_of(d, struct resolver, dns);
	ares_channel_t *channel, *before;
	enum err e = channel_new(servers, r->timeout_ms, &channel, why);

	if (e)
		return e;
	pthread_rwlock_wrlock(&r->lock);
	before = r->channel;
	r->channel = channel;
	pthread_rwlock_unlock(&r->lock);
	ares_destroy(before);
	return OK;
}

enum err dns_new(const struct addr_list *servers, int64_t timeout_ms, struct dns **out,
                 struct why *why)
{
	static const struct dns_ops ops = {
		.mx = ares_mx,
		.addresses = ares_addresses,
		.txt = ares_txt,
		.ptr = ares_ptr,
		.records = ares_records,
		.servers_set = ares_servers_set,
		.free = resolver_free,
	};
	struct resolver *r = NEW(struct resolver);
	enum err e;

	r->dns.ops = &ops;
	r->timeout_ms = timeout_ms != 0 ? timeout_ms : TIMEOUT_MS;
	pthread_rwlock_init(&r->lock, NULL);
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		e = fail(why, ERR_IO, "cannot set up DNS");
	else
		e = channel_new(servers, r->timeout_ms, &r->channel, why);
	if (e)
		resolver_free(&r->dns);
	else
		*out = &r->dns;
	return e;
}
