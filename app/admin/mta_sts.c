/* admin/mta_sts.c: see mta_sts.h. */
#include "admin/mta_sts.h"

#include "admin/admin.h"
#include "config/live.h"
#include "crypto/hash.h"
#include "store/store.h"

/* How long a policy that was fetched counts, in seconds. A week when it is meant (RFC 8461 3.2
 * suggests weeks), a day while it is tried out or withdrawn. */
enum { WEEK_S = 604800, DAY_S = 86400, POLICY_MAX = 1024, ID_BYTES = 10 };

void mta_sts_policy_put(struct buf *out, enum mta_sts_mode mode, struct str mx)
{
	buf_fmt(out, "version: STSv1\r\nmode: %s\r\n", mta_sts_name(mode));
	if (mode != MTA_STS_NONE) /* RFC 8461 3.2: then it may have none */
		buf_fmt(out, "mx: %.*s\r\n", STR_ARG(mx));
	buf_fmt(out, "max_age: %d\r\n", mode == MTA_STS_ENFORCE ? WEEK_S : DAY_S);
}

/* sts-id = %s"id" *WSP "=" *WSP 1*32(ALPHA / DIGIT)			RFC 8461 3.1 */
struct str mta_sts_id(enum mta_sts_mode mode, struct str mx, struct arena *a)
{
	uint8_t digest[HASH_BYTES];
	struct str id;
	struct buf b;

	buf_init(&b, POLICY_MAX);
	mta_sts_policy_put(&b, mode, mx);
	hash_sha256(buf_str(&b), digest);
	buf_reset(&b);
	for (size_t i = 0; i < ID_BYTES; i++)
		buf_fmt(&b, "%02x", digest[i]);
	id = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return id;
}

/* --- serving ------------------------------------------------------------------------------ */

/* "mta-sts.example.org:443" -> "example.org"; empty for any other name. */
static struct str host_domain(struct str host)
{
	const struct str label = STR("mta-sts.");
	ptrdiff_t colon = str_find_byte(host, ':');

	if (colon >= 0)
		host = str_sub(host, 0, (size_t)colon);
	return str_startsi(host, label) ? str_sub(host, label.n, host.n) : STR_EMPTY;
}

struct finding {
	struct arena *a;
	struct str name;
	struct domain domain;
};

static enum err find(struct txn *t, void *arg)
{
	struct finding *f = arg;

	return domain_get(t, f->name, f->a, &f->domain);
}

void mta_sts_serve(const struct http_request *q, struct http_response *r)
{
	const struct admin *admin = q->context;
	struct finding f = { .a = q->arena, .name = host_domain(q->host) };
	const struct settings *s;

	/* RFC 8461 3.3: by HTTPS only. */
	if (!q->tls || f.name.n == 0 || store_read(admin->store, find, &f) != OK) {
		http_say(r, 404, "no mail domain of this server has a policy here");
		return;
	}
	s = settings_ref(admin->live);
	mta_sts_policy_put(&r->body, f.domain.mta_sts, s->hostname);
	settings_unref(s);
}
