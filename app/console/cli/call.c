/* console/cli/call.c: see call.h. The command speaks HTTP with the server over
 * network/http_server/local.h. */
#include "console/cli/call.h"

#include "console/api/api_table.h"
#include "console/cli/command.h"
#include "console/server/privilege.h"
#include "foundation/base/cur.h"
#include "network/http_server/http.h"
#include "network/http_server/local.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 8192 };

/* One call and its answer. */
struct call {
	const struct api_route *route;
	struct arena a;
	struct buf path; /* with the query */
	const char *type; /* of content */
	struct str sent;  /* the body      */
	struct buf body;  /* JSON of NAME=VALUE, when that is it */
	struct json_writer members; /* of body */
	struct buf answer;          /* all that came */
	unsigned status;
	struct str content; /* of answer */
	struct why why;
};

/* --- what is asked ----------------------------------------------------------------------- */

/* RFC 3986 2.3: what is unreserved stands for itself. */
static void put_escaped(struct buf *to, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (ascii_alnum(s.p[i]) || strchr("-._~@", s.p[i]) != NULL)
			buf_byte(to, s.p[i]);
		else
			buf_fmt(to, "%%%02X", (unsigned char)s.p[i]);
	}
}

/* The path with its parameters filled in; returns how many there are. */
static int put_path(struct call *c, int argc, char **argv)
{
	struct cur path = cur_of(str_of(c->route->path));
	struct str part;
	int n = 0;

	while (n < argc && cur_until(&path, '{', &part)) {
		buf_put(&c->path, part);
		put_escaped(&c->path, str_of(argv[n++]));
		if (cur_until(&path, '}', &part))
			cur_skip(&path, 1);
	}
	buf_put(&c->path, cur_rest(&path));
	return n;
}

static void put_query(struct call *c, struct str name, struct str value)
{
	buf_byte(&c->path, str_find_byte(buf_str(&c->path), '?') < 0 ? '?' : '&');
	buf_put(&c->path, name);
	buf_byte(&c->path, '=');
	put_escaped(&c->path, value);
}

static void put_list(struct json_writer *w, struct str value)
{
	struct cur c = cur_of(value);
	struct str item;

	json_open(w, NULL, '[');
	while (!cur_done(&c)) {
		if (!cur_until(&c, ',', &item))
			cur_take(&c, cur_left(&c), &item);
		cur_byte(&c, ',');
		if (str_trim(item).n != 0)
			json_put_str(w, NULL, str_trim(item));
	}
	json_close(w);
}

static bool put_field(struct call *c, const struct api_field *f, struct str value)
{
	struct json_writer *w = &c->members;
	struct cur cur = cur_of(value);
	uint64_t n;

	json_put_name(w, f->name);
	if (f->list)
		put_list(w, value);
	else if (str_eq(f->type, STR("bool")) &&
	         (str_eq(value, STR("yes")) || str_eq(value, STR("no"))))
		json_put_bool(w, NULL, str_eq(value, STR("yes")));
	else if (str_eq(f->type, STR("int")) && cur_u64(&cur, &n) && cur_done(&cur))
		json_put_u64(w, NULL, n);
	else if (str_eq(f->type, STR("string")) || str_eq(f->type, STR("time")))
		json_put_str(w, NULL, value);
	else
		return false;
	return true;
}

/* NAME=VALUE. */
static bool put_named(struct call *c, const char *arg)
{
	const struct api_shape *shape = api_shape_find(str_of(c->route->body));
	struct cur cur = cur_of(str_of(arg)), fields;
	struct api_field f;
	struct str name, value;

	if (!cur_until(&cur, '=', &name))
		return false;
	cur_skip(&cur, 1);
	value = cur_rest(&cur);
	if (shape == NULL) {
		if (!api_query_find(c->route, str_z(&c->a, name)))
			return false;
		put_query(c, name, value);
		return true;
	}
	fields = cur_of(str_of(shape->fields));
	while (api_field_next(&fields, &f))
		if (str_eq(f.name, name))
			return put_field(c, &f, value);
	return false;
}

static bool prepare(struct call *c, const char *query, int argc, char **argv)
{
	int n = put_path(c, argc, argv);

	if (query[0] != '\0')
		buf_fmt(&c->path, "?%s", query);
	json_open(&c->members, NULL, '{');
	for (; n < argc; n++) {
		if (c->sent.n == 0 && put_named(c, argv[n]))
			continue;
		fprintf(stderr, "roost: %s is not NAME=VALUE of a name that is taken here\n",
		        argv[n]);
		return false;
	}
	json_close(&c->members);
	if (c->sent.n == 0)
		c->sent = buf_str(&c->body);
	return true;
}

/* --- asking ------------------------------------------------------------------------------ */

static enum err connect_to(struct str folder, int *fd, struct why *why)
{
	struct sockaddr_un to;

	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return fail_errno(why, "socket");
	if (!http_local_address(folder, &to) ||
	    connect(*fd, (struct sockaddr *)&to, sizeof to) != 0)
		return fail(why, ERR_MISSING,
		            "no server runs on this data folder, and this is to be asked of it");
	return OK;
}

static enum err exchange(struct call *c, int fd)
{
	struct buf request;
	ptrdiff_t n = 0;

	buf_init(&request, PATH_MAX_BYTES * 2 + c->sent.n);
	buf_fmt(&request, "%s %.*s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
	        c->route->method, STR_ARG(buf_str(&c->path)));
	if (c->route->body[0] != '\0')
		buf_fmt(&request, "Content-Type: %s\r\nContent-Length: %zu\r\n", c->type,
		        c->sent.n);
	buf_put(&request, STR("\r\n"));
	if (c->route->body[0] != '\0')
		buf_put(&request, c->sent);
	for (size_t at = 0; n >= 0 && at < request.n; at += (size_t)n)
		n = send(fd, request.p + at, request.n - at, MSG_NOSIGNAL);
	buf_deinit(&request);
	/* Who refuses a request may answer before all of it was sent, and be gone then. */
	do {
		char *to = buf_room(&c->answer, 65536);

		if (to == NULL)
			return fail(&c->why, ERR_LIMIT, "the server's answer is too long");
		n = recv(fd, to, 65536, 0);
		buf_commit(&c->answer, (size_t)MAX(n, 0));
	} while (n > 0);
	return n == 0 || c->answer.n != 0 ? OK : fail_errno(&c->why, "the server's answer");
}

/* Status line, header fields, and what follows an empty line: it closes at the end. */
static bool answer_parse(struct call *c)
{
	struct str all = buf_str(&c->answer);
	struct cur cur = cur_of(all);
	ptrdiff_t end = str_find(all, STR("\r\n\r\n"));

	c->content = end >= 0 ? str_sub(all, (size_t)end + 4, all.n) : STR_EMPTY;
	return end >= 0 && cur_str(&cur, STR("HTTP/1.1 ")) && cur_u32(&cur, &c->status);
}

static enum err ask(struct call *c, const struct settings *s)
{
	int fd = -1;
	enum err e = privilege_drop(str_z(&c->a, s->data), &c->why);

	if (e == OK)
		e = connect_to(s->data, &fd, &c->why);
	if (e == OK)
		e = exchange(c, fd);
	if (fd >= 0)
		close(fd);
	if (e == OK && !answer_parse(c))
		e = fail(&c->why, ERR_IO, "the server did not answer");
	return e;
}

/* --- what came --------------------------------------------------------------------------- */

/* Items of a list alone, and how to get the next ones. */
static void print_list(struct json answer, struct json items)
{
	struct str next;

	call_print(stdout, items);
	if (json_str(json_get(answer, "next"), &next))
		printf("more with after=%.*s\n", STR_ARG(next));
}

/* ERR_SYNTAX: it is no JSON. ERR_DENIED: it is a refusal, and why has its sentence. */
static enum err answer_take(struct call *c, struct json *answer)
{
	struct str sentence = STR("the server refused it");

	*answer = (struct json){ NULL };
	if (c->content.n != 0 && !json_parse(&c->a, c->content, answer))
		return ERR_SYNTAX;
	if (c->status < 300)
		return OK;
	(void)json_str(json_get(json_get(*answer, "error"), "message"), &sentence);
	return fail(&c->why, ERR_DENIED, "%.*s", STR_ARG(sentence));
}

static int print(struct call *c)
{
	struct json answer, items;
	enum err e = answer_take(c, &answer);

	if (e == ERR_DENIED)
		return EXIT_FAILURE;
	items = json_get(answer, "items");
	if (e == ERR_SYNTAX)
		fwrite(c->content.p, 1, c->content.n, stdout); /* a zone file */
	else if (json_kind(items) == JSON_ARRAY)
		print_list(answer, items);
	else if (json_kind(answer) != JSON_MISSING)
		call_print(stdout, answer);
	return EXIT_SUCCESS;
}

static const struct api_route *route_of(const char *handler)
{
	for (size_t i = 0; i < api_route_count; i++)
		if (strcmp(api_routes[i].name, handler) == 0)
			return &api_routes[i];
	return NULL;
}

static void begin(struct call *c)
{
	assert(c->route != NULL);
	buf_init(&c->path, PATH_MAX_BYTES);
	buf_init(&c->body, JSON_BYTES_MAX);
	buf_init(&c->answer, HTTP_RESPONSE_MAX);
	json_writer_init(&c->members, &c->body);
}

static void end(struct call *c)
{
	buf_deinit(&c->path);
	buf_deinit(&c->body);
	buf_deinit(&c->answer);
	arena_deinit(&c->a);
}

static int run(struct call *c, const struct settings *s, const char *query, int argc, char **argv)
{
	int status = EXIT_USAGE;

	begin(c);
	if (prepare(c, query, argc, argv))
		status = ask(c, s) == OK ? print(c) : EXIT_FAILURE;
	if (status == EXIT_FAILURE)
		command_failed(argc > 0 ? argv[0] : c->route->path, &c->why);
	end(c);
	return status;
}

enum err call_ask(const struct settings *s, const char *handler, int argc, char **argv,
                  struct arena *a, struct str *text, struct json *answer, struct why *why)
{
	struct call c = { .route = route_of(handler), .type = "application/json" };
	enum err e = ERR_SYNTAX;

	*text = STR_EMPTY;
	*answer = (struct json){ NULL };
	begin(&c);
	if (prepare(&c, "", argc, argv) && (e = ask(&c, s)) == OK) {
		struct json seen;

		e = answer_take(&c, &seen);
		*text = str_dup(a, c.content);
		if (e == OK && text->n != 0 && !json_parse(a, *text, answer))
			e = ERR_SYNTAX;
	}
	*why = c.why;
	end(&c);
	return e;
}

int call_run(const struct settings *s, const char *handler, const char *query, int argc,
             char **argv)
{
	struct call c = { .route = route_of(handler), .type = "application/json" };

	return run(&c, s, query, argc, argv);
}

int call_body(const struct settings *s, const char *handler, const char *type, struct str body,
              char *parameter)
{
	struct call c = { .route = route_of(handler), .type = type, .sent = body };

	return run(&c, s, "", 1, &parameter);
}
