/* operations/dns_update/dns_update.c: see dns_update.h. */
#include "operations/dns_update/dns_update.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/text/base64.h"
#include "network/runtime/stream.h"

enum { TIMEOUT_MS = 5000, DNS_PORT = 53 };

enum err dns_update_parse(struct str server, struct str key, struct arena *a,
                          struct dns_update *out, struct why *why)
{
	struct addr_list list;
	ptrdiff_t colon = str_rfind_byte(key, ':');
	struct buf secret;
	enum err e = addr_list_parse(a, server, DNS_PORT, &list, why);

	*out = (struct dns_update){ 0 };
	if (e || list.count != 1)
		return fail(why, ERR_SYNTAX,
		            "ROOST_DNS_UPDATE_SERVER: give one address like 192.0.2.1:53");
	out->server = list.items[0];
	if (key.n == 0)
		return OK;
	buf_init(&secret, 1024);
	if (colon > 0 && base64_parse(str_sub(key, (size_t)colon + 1, key.n), &secret) &&
	    buf_ok(&secret) && secret.n != 0)
		out->key = (struct tsig_key){ str_lower(a, str_sub(key, 0, (size_t)colon)),
			                      str_dup(a, buf_str(&secret)) };
	buf_deinit(&secret);
	if (str_ends(out->key.name, STR(".")))
		out->key.name.n--;
	if (out->key.name.n == 0)
		return fail(why, ERR_SYNTAX,
		            "ROOST_DNS_UPDATE_KEY: give name:secret, the secret in base64");
	return OK;
}

/* RFC 1035 4.2.2: two bytes of length before each message. */
static enum err dns_update_exchange(const struct dns_update *u, struct str query,
                                    struct buf *answer, struct why *why)
{
	const struct dial_config dial = {
		.to = u->server, .timeout_ms = TIMEOUT_MS, .go_on = u->go_on, .arg = u->arg
	};
	const char length[] = { (char)(query.n >> 8), (char)query.n };
	struct stream *s = NULL;
	size_t want = 2, got;
	enum err e;

	if (stream_dial(&dial, &s, why) != OK)
		return ERR_IO;
	stream_timeout(s, TIMEOUT_MS);
	if ((e = stream_write(s, str_from(length, 2), why)) || (e = stream_write(s, query, why)))
		goto out;
	while (answer->n < want) {
		char *room = buf_room(answer, want - answer->n);

		if ((e = stream_read(s, room, want - answer->n, &got, why)))
			goto out;
		if (got == 0) {
			e = fail(why, ERR_RETRY, "it closed the connection");
			goto out;
		}
		buf_commit(answer, got);
		if (answer->n == 2)
			want = 2 + ((size_t)(unsigned char)answer->p[0] << 8 |
			            (unsigned char)answer->p[1]);
	}
	buf_drop(answer, 2);
out:
	stream_free(&s);
	return e == ERR_IO ? ERR_RETRY : e; /* a sent change may have been made */
}

/* Send one update for one zone. */
static enum err update(const struct dns_update *u, struct str zone, const struct dns_change *change,
                       struct update_answer *out, struct why *why)
{
	uint16_t id = (uint16_t)random_u64();
	int64_t now_s = clock_real_ms() / 1000;
	uint8_t mac[HASH_BYTES] = { 0 };
	struct buf query, answer;
	enum err e;

	buf_init(&query, DNS_MESSAGE_MAX);
	buf_init(&answer, DNS_MESSAGE_MAX + 2);
	if (!update_make(&query, id, zone, change) ||
	    (u->key.name.n != 0 && !tsig_sign(&query, &u->key, now_s, mac)))
		e = fail(why, ERR_SYNTAX, "%.*s %s is nothing that DNS can carry",
		         STR_ARG(change->name), change->type);
	else
		e = dns_update_exchange(u, buf_str(&query), &answer, why);
	if (e == OK && !update_answer_read(buf_str(&answer), id, &u->key, mac, now_s, out))
		e = fail(why, ERR_SYNTAX, "its answer makes no sense");
	buf_deinit(&query);
	buf_deinit(&answer);
	return e;
}

/* Does the response allow that the name is in a parent zone? */
static bool is_above(const struct update_answer *answer)
{
	return answer->tsig_error == 0 &&
	       (answer->rcode == DNS_RCODE_NOTAUTH || answer->rcode == DNS_RCODE_NOTZONE ||
	        answer->rcode == DNS_RCODE_REFUSED);
}

/* Names with an underscore are not zones: the next shorter one, empty at the end. */
static struct str zone_above(struct str zone)
{
	ptrdiff_t dot;

	do {
		dot = str_find_byte(zone, '.');
		zone = dot < 0 ? STR_EMPTY : str_sub(zone, (size_t)dot + 1, zone.n);
	} while (zone.n != 0 && zone.p[0] == '_');
	return zone;
}

enum err dns_update_do(const struct dns_update *u, const struct dns_change *change, struct why *why)
{
	struct update_answer answer = { .rcode = DNS_RCODE_NOTZONE };
	struct str zone = change->name;
	enum err e = OK;

	if (str_starts(zone, STR("_")))
		zone = zone_above(zone);
	for (; zone.n != 0 && is_above(&answer); zone = zone_above(zone))
		if ((e = update(u, zone, change, &answer, why)))
			return fail_about(why, e, "name server");
	if (answer.rcode != 0 || answer.tsig_error != 0)
		return fail(why,
		            answer.rcode >= DNS_RCODE_YXDOMAIN && answer.rcode <= DNS_RCODE_NXRRSET
		                    ? ERR_CONFLICT
		                    : ERR_DENIED,
		            "name server: %s", update_answer_words(&answer));
	if (u->key.name.n != 0 && !answer.authentic)
		return fail(why, ERR_SYNTAX, "name server: its answer is not signed with the key");
	return OK;
}
