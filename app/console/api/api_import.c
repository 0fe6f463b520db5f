/* console/api/api_import.c: see api_private.h. */
#include "console/api/api_private.h"

#include "console/api/admin.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "model/directory/normal.h"
#include "network/tls/trust.h"

#include <stdio.h>

enum { HOST_MAX = 253, USER_MAX = 500, PASSWORD_MAX = 1000, PORT_TLS = 993, PORT_STARTTLS = 143 };

/* --- answers ------------------------------------------------------------------------------- */

static void put_rules(struct json_writer *w, const struct import *i)
{
	json_open(w, "rules", '[');
	for (size_t n = 0; n < i->rule_count; n++) {
		json_open(w, NULL, '{');
		json_put_str(w, "from", i->rules[n].from);
		json_put_str(w, "to", i->rules[n].to);
		json_close(w);
	}
	json_close(w);
}

/* The request, in the form that the audit log has too. */
void import_asked_put(struct json_writer *w, const struct import *i)
{
	json_put_str(w, "host", i->host);
	json_put_u64(w, "port", i->port);
	json_put_str(w, "tls", i->tls_first ? STR("implicit") : STR("starttls"));
	json_put_str(w, "user", i->user);
	put_rules(w, i);
}

static void put_sums(struct json_writer *w, const struct import *i)
{
	struct import_sums sums = import_sums(i);

	json_put_u64(w, "brought", i->imported);
	json_put_u64(w, "known", sums.known);
	json_put_u64(w, "left_out", sums.skipped);
	json_put_u64(w, "bytes", i->bytes);
	json_put_u64(w, "messages_done", sums.done);
	json_put_u64(w, "messages_total", sums.messages);
	json_put_u64(w, "folders_done", sums.ended);
	json_put_u64(w, "folders_total", sums.folders);
}

static void put_folders(struct json_writer *w, const struct import *i)
{
	json_open(w, "folders", '[');
	for (size_t n = 0; n < i->folder_count; n++) {
		const struct import_folder *f = &i->folders[n];

		json_open(w, NULL, '{');
		json_put_str(w, "from", f->from);
		json_put_str(w, "to", f->to);
		json_put_u64(w, "messages", f->messages);
		json_put_u64(w, "done", f->done);
		json_put_u64(w, "brought", f->counts.imported);
		json_put_u64(w, "known", f->counts.known);
		json_put_u64(w, "left_out", f->counts.skipped);
		json_put_bool(w, "ended", f->ended);
		json_close(w);
	}
	json_close(w);
	json_open(w, "left", '[');
	for (size_t n = 0; n < i->left_count; n++) {
		json_open(w, NULL, '{');
		json_put_str(w, "folder", i->left[n].folder);
		json_put_str(w, "what", i->left[n].what);
		json_put_str(w, "why", i->left[n].why);
		json_close(w);
	}
	json_close(w);
}

static struct str id_text(const struct import *i, char to[12])
{
	return str_from(to, (size_t)snprintf(to, 12, "%" PRIu32, i->id));
}

void import_json_put(struct json_writer *w, const struct import *i, bool whole)
{
	char id[12];

	json_open(w, NULL, '{');
	json_put_str(w, "id", id_text(i, id));
	import_asked_put(w, i);
	json_put_str(w, "by", i->by);
	json_put_time(w, "created", i->created_ms);
	json_put_time(w, "started", i->started_ms);
	json_put_time(w, "ended", i->ended_ms);
	json_put_str(w, "state", str_of(import_state_name(i->state)));
	json_put_str(w, "problem", i->problem);
	put_sums(w, i);
	if (whole)
		put_folders(w, i);
	json_close(w);
}

void import_preview_put(struct json_writer *w, const struct transfer_folder *folders, size_t count)
{
	json_open(w, NULL, '{');
	json_open(w, "folders", '[');
	for (size_t i = 0; i < count; i++) {
		json_open(w, NULL, '{');
		json_put_str(w, "from", folders[i].from);
		json_put_str(w, "to", folders[i].to);
		json_put_u64(w, "messages", folders[i].messages);
		json_put_bool(w, "view", folders[i].view);
		json_put_str(w, "problem", str_of(folders[i].problem));
		json_close(w);
	}
	json_close(w);
	json_close(w);
}

/* --- what is asked for --------------------------------------------------------------------- */

static bool is_host(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(s.p[i]) && str_find_byte(STR(".-_:"), s.p[i]) < 0)
			return false;
	return s.n != 0 && s.n <= HOST_MAX;
}

static enum err take_rules(struct api_call *c, struct import *i)
{
	struct json list = json_get(c->body, "rules");
	struct json_iter it = json_iter(list);
	struct transfer_rule *rules =
		arena_array(c->arena, struct transfer_rule, LIMIT_import_rules);

	if (json_kind(list) != JSON_ARRAY)
		return OK;
	while (json_next(&it)) {
		struct transfer_rule *r = &rules[i->rule_count];

		if (i->rule_count == LIMIT_import_rules)
			return fail(&c->why, ERR_LIMIT, "at most %d rules", LIMIT_import_rules);
		(void)json_str(json_get(it.value, "from"), &r->from);
		(void)json_str(json_get(it.value, "to"), &r->to);
		if (r->from.n == 0 || r->from.n > LIMIT_mailbox_name ||
		    r->to.n > LIMIT_mailbox_name || !normal_line(r->from) || !normal_line(r->to))
			return fail(&c->why, ERR_SYNTAX,
			            "rules: each names a mailbox of that server");
		i->rule_count++;
	}
	i->rules = rules;
	return OK;
}

static enum err take_server(struct api_call *c, struct import *i)
{
	struct str tls = STR("implicit");
	uint64_t port;

	(void)json_str(json_get(c->body, "host"), &i->host);
	(void)json_str(json_get(c->body, "user"), &i->user);
	(void)json_str(json_get(c->body, "roots"), &i->roots);
	(void)json_str(json_get(c->body, "tls"), &tls);
	i->host = str_trim(i->host);
	i->tls_first = str_eq(tls, STR("implicit"));
	if (!i->tls_first && !str_eq(tls, STR("starttls")))
		return api_invalid(c, "tls", tls, "implicit or starttls");
	port = i->tls_first ? PORT_TLS : PORT_STARTTLS;
	(void)json_u64(json_get(c->body, "port"), &port);
	if (port == 0 || port > UINT16_MAX)
		return api_invalid(c, "port", str_fmt(c->arena, "%" PRIu64, port),
		                   "a number of 1 to 65535");
	i->port = (uint16_t)port;
	if (!is_host(i->host))
		return api_invalid(c, "host", i->host, "a host name or an IP address");
	if (i->user.n == 0 || i->user.n > USER_MAX || !normal_line(i->user))
		return api_invalid(c, "user", i->user, "the user name on that server");
	return OK;
}

static enum err take_roots(struct api_call *c, const struct import *i)
{
	struct trust *trust = NULL;
	enum err e = OK;

	if (i->roots.n > LIMIT_certificate_bytes)
		return fail(&c->why, ERR_LIMIT, "roots has at most %d bytes",
		            LIMIT_certificate_bytes);
	if (i->roots.n != 0)
		e = trust_new(i->roots, &trust, &c->why);
	trust_free(trust);
	return e ? fail_about(&c->why, e, "roots") : OK;
}

enum err import_password_take(struct api_call *c, struct str *out)
{
	(void)json_str(json_get(c->body, "password"), out);
	if (out->n == 0 || out->n > PASSWORD_MAX || str_find_byte(*out, '\0') >= 0)
		return fail(&c->why, ERR_SYNTAX, "password: enter the password on that server");
	return OK;
}

enum err import_where_check(struct api_call *c, struct import *i)
{
	const struct settings *s = settings_ref(c->admin->live);
	bool anywhere = s->import_anywhere;

	settings_unref(s);
	i->public_only = c->who.role != API_OWNER && !anywhere;
	i->by = c->who.address;
	if (i->public_only && i->port != PORT_TLS && i->port != PORT_STARTTLS)
		return fail(&c->why, ERR_DENIED,
		            "port: only an owner may use other ports than %d and %d", PORT_TLS,
		            PORT_STARTTLS);
	return OK;
}

enum err import_take(struct api_call *c, struct import *i, struct str *password)
{
	enum err e = take_server(c, i);

	if (e == OK)
		e = take_rules(c, i);
	if (e == OK)
		e = take_roots(c, i);
	if (e == OK)
		e = import_password_take(c, password);
	return e ? e : import_where_check(c, i);
}
