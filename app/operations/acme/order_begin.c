/* operations/acme/order_begin.c: see acme_private.h. */
#include "foundation/crypto/key.h"
#include "network/runtime/addr.h"
#include "operations/acme/acme_private.h"

static bool new_order_fits(const struct order *o, struct str pem)
{
	struct key *k = NULL;
	bool is;

	if (pem.n == 0 || key_read_pem(pem, &k, NULL) != OK)
		return false;
	is = (key_type(k) == KEY_RSA) == o->row->rsa;
	key_free(k);
	return is;
}

/* The key of the new certificate: the current one, so that TLSA records stay valid; the
 * published next one; or a new one. */
static struct str key_choose(struct order *o)
{
	struct key *k;
	struct str pem;

	if (o->reuse_key && new_order_fits(o, o->row->key_pem))
		return o->row->key_pem;
	if (new_order_fits(o, o->next_key_pem))
		return o->next_key_pem;
	k = o->row->rsa ? key_new_rsa2048() : key_new_p256();
	pem = key_write_pem(k, o->arena);
	key_free(k);
	return pem;
}

/* RFC 8555 7.4; RFC 8738 3 for addresses */
static void order_put(struct buf *out, const struct names *names, struct str replaces)
{
	struct json_writer w;
	struct addr ip;

	json_writer_init(&w, out);
	json_open(&w, NULL, '{');
	json_open(&w, "identifiers", '[');
	for (size_t i = 0; i < names->count; i++) {
		json_open(&w, NULL, '{');
		json_put_str(&w, "type",
		             addr_parse_ip(names->items[i], &ip) ? STR("ip") : STR("dns"));
		json_put_str(&w, "value", names->items[i]);
		json_close(&w);
	}
	json_close(&w);
	if (replaces.n != 0)
		json_put_str(&w, "replaces", replaces);
	json_close(&w);
}

/* RFC 9773 5: the certificate that this order renews. */
static struct str replaced(struct order *o)
{
	if (o->client->directory.renewal_info.n == 0 || o->row->chain_pem.n == 0 ||
	    !str_eq(o->row->from, o->directory))
		return STR_EMPTY;
	return info_id(o->row->chain_pem, o->arena);
}

static enum err ask_for(struct order *o, struct str replaces, struct reply *r, struct why *why)
{
	struct buf b;
	enum err e;

	buf_init(&b, KIB(64));
	order_put(&b, &o->names, replaces);
	e = client_post(o->client, o->client->directory.new_order, buf_str(&b), r, why);
	buf_deinit(&b);
	return e;
}

enum err order_begin(struct order *o, struct why *why)
{
	struct cert_row *row = o->row;
	struct str url, replaces = replaced(o);
	struct reply r;
	enum err e = ask_for(o, replaces, &r, why);

	/* Retry without "replaces": it only helps the CA. */
	if (e && !client_may_pass(e) && replaces.n != 0)
		e = ask_for(o, STR_EMPTY, &r, why);
	if (e)
		return e;
	url = httpc_field(&r.http, "Location");
	if (!answer_url(url))
		return fail(why, ERR_SYNTAX, "the certification authority names no order");
	row->order_directory = o->directory;
	row->order_url = url;
	row->order_names = o->names;
	row->order_key_pem = key_choose(o);
	return o->host->save(o->host->arg, row, why);
}
