/* operations/acme/info.c: see acme_private.h. A CA suggests an early renewal if it must revoke
 * many certificates, or to spread its load. */
#include "operations/acme/acme_private.h"

#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/crypto/x509.h"
#include "foundation/observe/event.h"
#include "foundation/text/base64url.h"
#include "operations/acme/client.h"
#include "operations/acme/work.h"

enum {
	ASK_MS = 6 * 3600 * 1000, /* if the CA names no time */
	ASK_LEAST_MS = 10 * 60 * 1000,
	ASK_MOST_MS = 86400 * 1000,
};

struct str info_id(struct str chain_pem, struct arena *a)
{
	struct x509 *leaf;
	size_t count;

	if (x509_read_chain(chain_pem, a, &leaf, &count, NULL) != OK || leaf->authority.n == 0)
		return STR_EMPTY;
	return str_fmt(a, "%.*s.%.*s", STR_ARG(base64url_of(a, leaf->authority)),
	               STR_ARG(base64url_of(a, leaf->serial)));
}

/* RFC 9773 4.2: a random time in the window; an earlier choice stays while it is in the
 * window. */
static void choose(struct job *j, const struct answer_window *w)
{
	if (j->row.due_ms >= w->from_ms && j->row.due_ms < w->to_ms)
		return;
	j->row.due_ms = w->from_ms + (int64_t)random_below((uint64_t)(w->to_ms - w->from_ms));
	event(certificate_renewal_scheduled, STR(""), ev_str(j->row.id),
	      ev_int((j->row.due_ms - clock_real_ms()) / 1000));
}

/* RFC 9773 4.3: the time of the next request. */
static int64_t next_ms(const struct reply *r)
{
	int64_t asked = answer_retry_after_ms(httpc_field(&r->http, "Retry-After"), ASK_MOST_MS);

	return clock_real_ms() + (asked == 0 ? ASK_MS : MAX(asked, (int64_t)ASK_LEAST_MS));
}

static void window_get(struct job *j, struct str id)
{
	struct answer_window window;
	struct reply r;
	struct client c;

	j->row.info_due_ms = clock_real_ms() + ASK_MS;
	if (client_open(&c, j->w->io, j->w->settings->acme_directory, NULL, &j->arena, NULL) !=
	            OK ||
	    c.directory.renewal_info.n == 0 ||
	    client_get(
		    &c,
		    str_fmt(&j->arena, "%.*s/%.*s", STR_ARG(c.directory.renewal_info), STR_ARG(id)),
		    &r, NULL) != OK)
		return;
	j->row.info_due_ms = next_ms(&r);
	if (answer_window(r.json, &window))
		choose(j, &window);
}

void info_ask(struct job *j)
{
	struct str id;

	if (j->row.chain_pem.n == 0 || j->row.failures > 0 ||
	    j->row.info_due_ms > clock_real_ms() || j->row.due_ms <= clock_real_ms())
		return;
	id = info_id(j->row.chain_pem, &j->arena);
	if (id.n == 0)
		return;
	window_get(j, id);
	if (work_save(j->w, &j->row, NULL) != OK)
		(void)0; /* the store logs its own errors; repeated at the next time */
}
