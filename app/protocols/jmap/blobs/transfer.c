/* protocols/jmap/blobs/transfer.c: upload and download over HTTP (RFC 8620 6.1, 6.2). */
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "network/http_server/path.h"
#include "protocols/jmap/blobs/blob.h"
#include "protocols/jmap/request/load.h"
#include "protocols/jmap/request/request.h"

#include <stdatomic.h>

static void respond_problem(struct http_response *r, unsigned status, const char *type,
                            const char *limit, const char *sentence)
{
	struct jmap_problem p = { .status = status, .type = type, .limit = limit };
	struct json_writer w;

	fail(&p.why, ERR_SYNTAX, "%s", sentence);
	r->status = status;
	r->type = "application/problem+json";
	buf_reset(&r->body);
	json_writer_init(&w, &r->body);
	json_open(&w, NULL, '{');
	jmap_problem_put(&w, &p);
	json_close(&w);
}

static void respond_error(struct http_response *r, enum err e, const struct why *why)
{
	if (e == ERR_MISSING)
		respond_problem(r, 404, "about:blank", NULL, "there is no such blob or account");
	else if (e == ERR_LIMIT)
		respond_problem(r, 400, "urn:ietf:params:jmap:error:limit", "maxSizeUpload",
		                err_words(e, why));
	else
		respond_problem(r, 503, "about:blank", NULL, "the store is not available");
}

/* The next part of the path behind the route. */
static struct str part_take(const struct http_request *q, struct cur *c)
{
	struct str part;

	if (!cur_until(c, '/', &part))
		cur_take(c, cur_left(c), &part);
	cur_byte(c, '/');
	return http_part(q->arena, part);
}

/* A value for Content-Type, from a client: of printable ASCII (RFC 9110 8.3). */
static struct str type_checked(struct str type)
{
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] < 0x20 || type.p[i] > 0x7e)
			return STR_EMPTY;
	return str_find_byte(type, '/') > 0 && type.n <= 255 ? type : STR_EMPTY;
}

/* --- Upload ----------------------------------------------------------------------- */

/* Uploads that nothing used are removed when others come. */
static void uploads_tidy(const struct jmap_server *s)
{
	static atomic_llong due_ms;
	int64_t now_ms = clock_real_ms(), next_ms;

	if (now_ms < atomic_load(&due_ms))
		return;
	atomic_store(&due_ms, now_ms + 60000);
	(void)!jmap_uploads_expire(s->store, now_ms, &next_ms);
}

static void upload_put(struct http_response *r, struct str account, struct str id, struct str type,
                       size_t size)
{
	struct json_writer w;

	r->status = 201;
	r->type = "application/json";
	json_writer_init(&w, &r->body);
	json_open(&w, NULL, '{');
	json_put_str(&w, "accountId", account);
	json_put_str(&w, "blobId", id);
	json_put_str(&w, "type", type);
	json_put_u64(&w, "size", size);
	json_close(&w);
}

static void upload_run(const struct jmap_server *s, const struct jmap_caller *c,
                       const struct http_request *q, struct http_response *r)
{
	struct str account = http_part(q->arena, q->rest);
	struct str type = type_checked(http_header(q, "Content-Type")), id;
	const struct jmap_account *to = NULL;
	struct jmap_accounts accounts;
	struct why why = { "" };
	enum err e = jmap_accounts_load(s, c, q->arena, &accounts);

	type = type.n != 0 ? type : STR("application/octet-stream");
	if (e == OK && (to = jmap_accounts_find(&accounts, account)) == NULL)
		e = ERR_MISSING;
	if (e == OK)
		e = jmap_upload_add(s, c, q->body, type, q->arena, &id, &why);
	if (e == OK)
		upload_put(r, account, id, type, q->body.n);
	else
		respond_error(r, e, &why);
}

void jmap_upload_serve(const struct jmap_server *s, const struct jmap_caller *c,
                       const struct http_request *q, struct http_response *r)
{
	if (!jmap_load_begin(s->load, c->account, LOAD_UPLOAD)) {
		respond_problem(r, 400, "urn:ietf:params:jmap:error:limit", "maxConcurrentUpload",
		                "too many uploads of this account run at a time");
		return;
	}
	uploads_tidy(s);
	upload_run(s, c, q, r);
	jmap_load_end(s->load, c->account, LOAD_UPLOAD);
}

/* --- Download --------------------------------------------------------------------- */

/* One range of bytes (RFC 9110 14.1.2). False: the field is absent, or of a form that is ignored;
 * *none: no byte of n is in it. */
static bool range_parse(struct str field, uint64_t n, uint64_t *from, uint64_t *to, bool *none)
{
	struct cur c = cur_of(field);
	uint64_t last = UINT64_MAX;
	bool first;

	if (!cur_stri(&c, STR("bytes=")))
		return false;
	first = cur_u64(&c, from);
	if (!cur_byte(&c, '-') || (!cur_done(&c) && !cur_u64(&c, &last)) || !cur_done(&c) ||
	    (!first && last == UINT64_MAX) || (first && last < *from))
		return false;
	if (!first) { /* the last bytes */
		*none = last == 0 || n == 0;
		*from = n - MIN(last, n);
		*to = n;
	} else {
		*none = *from >= n;
		*to = last < n ? last + 1 : n;
	}
	return true;
}

static void range_apply(const struct http_request *q, struct http_response *r, struct str tag)
{
	struct str condition = http_header(q, "If-Range"); /* RFC 9110 13.1.5 */
	uint64_t n = r->body.n, from, to;
	bool none = false;

	http_set(r, "Accept-Ranges", STR("bytes"));
	if ((condition.n != 0 && !str_eq(condition, tag)) ||
	    !range_parse(http_header(q, "Range"), n, &from, &to, &none))
		return;
	if (none) {
		http_say(r, 416, "the range is outside of the blob");
		http_set(r, "Content-Range", str_fmt(q->arena, "bytes */%" PRIu64, n));
		return;
	}
	r->status = 206;
	http_set(r, "Content-Range",
	         str_fmt(q->arena, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, from, to - 1, n));
	buf_cut(&r->body, to);
	buf_drop(&r->body, from);
}

/* RFC 6266 4.3, RFC 8187: a name in any script. */
static struct str disposition_of(struct arena *a, struct str name)
{
	struct buf b;
	struct str text;

	name = str_sub(name, 0, 255);
	buf_init(&b, 1024);
	buf_put(&b, STR("attachment; filename*=UTF-8''"));
	for (size_t i = 0; i < name.n; i++) {
		if (ascii_alnum(name.p[i]) || str_find_byte(STR("-._~"), name.p[i]) >= 0)
			buf_byte(&b, name.p[i]);
		else
			buf_fmt(&b, "%%%02X", (unsigned char)name.p[i]);
	}
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* A blob is not a page of this server: no script of it runs, and it opens as a file. */
static void download_fields(const struct http_request *q, struct http_response *r, struct str name,
                            struct str tag)
{
	http_set(r, "Content-Disposition", disposition_of(q->arena, name));
	http_set(r, "Content-Security-Policy", STR("sandbox; default-src 'none'"));
	/* RFC 8620 6.2: "blobs are immutable". */
	http_set(r, "Cache-Control", STR("private, immutable, max-age=31536000"));
	http_set(r, "ETag", tag);
}

void jmap_download_serve(const struct jmap_server *s, const struct jmap_caller *c,
                         const struct http_request *q, struct http_response *r)
{
	struct cur path = cur_of(q->rest);
	struct str account = part_take(q, &path), id = part_take(q, &path);
	struct str name = part_take(q, &path), type = type_checked(http_argument(q, "type"));
	struct str tag = str_fmt(q->arena, "\"%.*s\"", STR_ARG(str_sub(id, 0, JMAP_ID_MAX)));
	struct jmap_blob blob;
	uint32_t number;
	enum err e = jmap_account_parse(account, &number) && jmap_blob_parse(id, &blob) &&
	                             (blob.upload || blob.account == number)
	                     ? jmap_blob_read(s, c, id, q->arena, &r->body, NULL)
	                     : ERR_MISSING;

	if (e != OK) {
		respond_error(r, e == ERR_LIMIT ? ERR_IO : e, NULL);
		return;
	}
	r->type = type.n != 0 ? str_z(q->arena, type) : "application/octet-stream";
	download_fields(q, r, name, tag);
	if (str_eq(http_header(q, "If-None-Match"), tag)) {
		buf_reset(&r->body);
		r->status = 304;
		return;
	}
	range_apply(q, r, tag);
}
