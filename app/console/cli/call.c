/* console/cli/call.c: see call.h. The command speaks HTTP with the server over
 * network/http_server/local.h. */
#include "console/cli/call.h"

#include "console/cli/command.h"
#include "console/server/privilege.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "network/http_server/http.h"
#include "network/http_server/local.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 16384, PAGE = 200 };

/* --- asking ------------------------------------------------------------------------------ */

/* ERR_MISSING: no server runs. */
static enum err connect_to(struct str folder, int *fd, struct why *why)
{
	struct sockaddr_un to;

	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return fail_errno(why, "socket");
	if (!http_local_address(folder, &to) ||
	    connect(*fd, (struct sockaddr *)&to, sizeof to) != 0)
		return fail(why, ERR_MISSING,
		            "no server uses this data folder; start it, "
		            "then run the command again");
	return OK;
}

static enum err exchange(struct call *c, int fd)
{
	struct buf request;
	ptrdiff_t n = 0;

	buf_init(&request, PATH_MAX_BYTES * 3 + c->sent.n);
	buf_fmt(&request, "%s %.*s%s%.*s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
	        c->route->method, STR_ARG(buf_str(&c->path)), c->query.n != 0 ? "?" : "",
	        STR_ARG(buf_str(&c->query)));
	if (c->type != NULL)
		buf_fmt(&request, "Content-Type: %s\r\nContent-Length: %zu\r\n", c->type,
		        c->sent.n);
	buf_put(&request, STR("\r\n"));
	buf_put(&request, c->sent);
	for (size_t at = 0; n >= 0 && at < request.n; at += (size_t)n)
		n = send(fd, request.p + at, request.n - at, MSG_NOSIGNAL);
	buf_deinit(&request);
	/* A server that refuses a request may answer and close before all of it was sent. */
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

/* ERR_MISSING: no server runs. */
static enum err server_ask(struct call *c, const struct settings *s)
{
	int fd = -1;
	enum err e = privilege_drop(str_z(&c->a, s->data), &c->why);

	buf_reset(&c->answer);
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

/* --- the answer -------------------------------------------------------------------------- */

/* ERR_SYNTAX: it is no JSON. ERR_DENIED: it is a refusal, and why has its sentence. */
static enum err answer_take(struct call *c, struct json *answer)
{
	struct str sentence = STR("the server refused it");

	*answer = (struct json){ NULL };
	if (c->content.n != 0 && !json_parse_long(&c->a, c->content, HTTP_RESPONSE_MAX, answer))
		return ERR_SYNTAX;
	if (c->status < 300)
		return OK;
	(void)json_str(json_get(json_get(*answer, "error"), "message"), &sentence);
	return fail(&c->why, ERR_DENIED, "%.*s", STR_ARG(sentence));
}

static void print_all(struct json answer)
{
	struct json items = json_get(answer, "items");
	struct str next;

	if (json_kind(answer) == JSON_MISSING)
		return;
	call_print(stdout, json_kind(items) == JSON_ARRAY ? items : answer);
	if (json_kind(items) == JSON_ARRAY && json_str(json_get(answer, "next"), &next))
		printf("more with after=%.*s\n", STR_ARG(next));
}

static void print_as(const char *prints, struct json answer)
{
	struct json items = json_get(answer, "items");
	struct json_iter it = json_iter(items);

	if (json_kind(items) != JSON_ARRAY)
		call_print_as(stdout, prints, answer);
	while (json_next(&it))
		call_print_as(stdout, prints, it.value);
}

/* *next: the parameter of the next page; empty: this was the last one. */
static enum err answer_print(struct call *c, const char *prints, struct str *next)
{
	struct json answer;
	enum err e = answer_take(c, &answer);

	*next = STR_EMPTY;
	if (e == ERR_DENIED || strcmp(prints, "-") == 0)
		return e;
	if (e == ERR_SYNTAX) { /* a zone file */
		fwrite(c->content.p, 1, c->content.n, stdout);
		return OK;
	}
	if (prints[0] == '\0') {
		print_all(answer);
		return OK;
	}
	print_as(prints, answer);
	(void)json_str(json_get(answer, "next"), next);
	return OK;
}

/* --- a call ------------------------------------------------------------------------------ */

static const struct api_route *route_of(const char *handler)
{
	for (size_t i = 0; i < api_route_count; i++)
		if (strcmp(api_routes[i].name, handler) == 0)
			return &api_routes[i];
	return NULL;
}

static void call_begin(struct call *c, const char *handler)
{
	*c = (struct call){ .route = route_of(handler) };
	assert(c->route != NULL);
	arena_init(&c->a, true);
	buf_init(&c->path, PATH_MAX_BYTES);
	buf_init(&c->query, PATH_MAX_BYTES);
	buf_init(&c->body, LIMIT_send_body);
	buf_init(&c->answer, HTTP_RESPONSE_MAX);
}

static void call_end(struct call *c)
{
	buf_deinit(&c->path);
	buf_deinit(&c->query);
	buf_deinit(&c->body);
	buf_deinit(&c->answer);
	arena_deinit(&c->a);
}

/* EXIT_SUCCESS when there is an answer, else the exit status. */
static int call_answer(struct call *c, const struct settings *s, const struct call_row *row)
{
	enum err e = server_ask(c, s);

	if (e == ERR_MISSING && row->needs != CALL_SERVER)
		return call_store_run(c, s, row->needs == CALL_FOLDER) ? EXIT_SUCCESS
		                                                       : EXIT_FAILURE;
	return e == OK ? EXIT_SUCCESS : command_failed(row->words, &c->why);
}

/* All pages, when a template prints them. */
static int pages_print(struct call *c, const struct settings *s, const struct call_row *row,
                       const char *subject, bool last)
{
	bool paged = row->prints[0] == '{' && api_query_find(c->route, "limit");
	size_t query = c->query.n;
	struct str next = STR_EMPTY;
	int status;

	do {
		buf_cut(&c->query, query);
		if (paged)
			call_query_put(c, "limit", str_fmt(&c->a, "%d", PAGE));
		if (next.n != 0)
			call_query_put(c, "after", next);
		status = call_answer(c, s, row);
		if (status != EXIT_SUCCESS)
			return status;
		if (c->status == 404 && !last)
			return CALL_MISSING;
		if (answer_print(c, row->prints, &next) != OK)
			return command_failed(subject, &c->why);
		next = str_dup(&c->a, next);
	} while (paged && next.n != 0);
	return EXIT_SUCCESS;
}

int call_run(const struct settings *s, const struct call_row *row, int argc, char **argv, bool last)
{
	struct call c;
	int status;

	call_begin(&c, row->handler);
	status = call_words_take(&c, row->takes, argc, argv);
	if (status == EXIT_SUCCESS)
		status = pages_print(&c, s, row, argc > 0 ? argv[0] : row->words, last);
	call_end(&c);
	return status;
}

enum err call_ask(const struct settings *s, const char *handler, int argc, char **argv,
                  struct arena *a, struct str *text, struct json *answer, struct why *why)
{
	struct call c;
	enum err e = ERR_SYNTAX;

	*text = STR_EMPTY;
	*answer = (struct json){ NULL };
	call_begin(&c, handler);
	if (call_words_take(&c, "", argc, argv) == EXIT_SUCCESS && (e = server_ask(&c, s)) == OK) {
		struct json seen;

		e = answer_take(&c, &seen);
		*text = str_dup(a, c.content);
		if (e == OK && text->n != 0 && !json_parse(a, *text, answer))
			e = ERR_SYNTAX;
	}
	*why = c.why;
	call_end(&c);
	return e;
}
