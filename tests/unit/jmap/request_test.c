/* tests/unit/jmap/request_test.c: requests and the standard methods, on RFC 8620's example type. */
#include "foundation/base/arena.h"
#include "harness/check.h"
#include "harness/jmap_todo.h"

struct row {
	const char *calls, *want; /* methodResponses */
};

static void run_rows(const struct row *rows, size_t n)
{
	struct todo_server s;

	todo_server_open(&s);
	for (size_t i = 0; i < n; i++)
		check_str_at(i, todo_calls(&s, rows[i].calls), str_of(rows[i].want));
	todo_server_close(&s);
}

#define SET(arguments) "[[\"Todo/set\",{\"accountId\":\"a1\"," arguments "},\"0\"]]"
#define SET_IS(old, new, rest)                                                              \
	"[[\"Todo/set\",{\"accountId\":\"a1\",\"oldState\":\"" old "\",\"newState\":\"" new \
	"\"," rest "},\"0\"]]"
#define NONE_SET "\"notCreated\":null,\"notUpdated\":null,\"notDestroyed\":null"

static void set_and_get(void **state)
{
	static const struct row rows[] = {
		/* create: server-set properties come back */
		{ SET("\"create\":{\"k1\":{\"title\":\"Practise Piano\"}}"),
		  SET_IS("s1", "s2",
		         "\"created\":{\"k1\":{\"neuralNetworkTimeEstimation\":42,"
		         "\"id\":\"I1-1\"}},"
		         "\"updated\":null,\"destroyed\":null," NONE_SET) },
		/* one that fails undoes nothing of the others; order by reference */
		{ SET("\"create\":{\"a\":{\"title\":\"A\",\"subTodoIds\":[\"#b\"]},"
		      "\"b\":{\"title\":\"B\"},\"c\":{\"title\":\"bad\"}}"),
		  SET_IS("s2", "s4",
		         "\"created\":{\"a\":{\"neuralNetworkTimeEstimation\":42,\"id\":\"I1-3\"},"
		         "\"b\":{\"neuralNetworkTimeEstimation\":42,\"id\":\"I1-2\"}},"
		         "\"updated\":null,\"destroyed\":null,\"notCreated\":{\"c\":{\"type\":"
		         "\"tooLarge\",\"description\":\"too bad\",\"properties\":[\"title\"]}},"
		         "\"notUpdated\":null,\"notDestroyed\":null") },
		/* one that fails after it has written: the rest is done again without it */
		{ SET("\"create\":{\"x\":{\"title\":\"late\"},\"y\":{\"title\":\"Y\"}}"),
		  SET_IS("s4", "s5",
		         "\"created\":{\"y\":{\"neuralNetworkTimeEstimation\":42,\"id\":\"I1-4\"}},"
		         "\"updated\":null,\"destroyed\":null,\"notCreated\":{\"x\":{\"type\":"
		         "\"overQuota\",\"description\":\"the account has no room for it\"}},"
		         "\"notUpdated\":null,\"notDestroyed\":null") },
		{ "[[\"Todo/get\",{\"accountId\":\"a1\",\"ids\":[\"I1-3\",\"I1-9\",\"I1-3\","
		  "\"I2-3\",\"I1-03\"],\"properties\":[\"title\",\"subTodoIds\"]},\"0\"]]",
		  "[[\"Todo/get\",{\"accountId\":\"a1\",\"state\":\"s5\","
		  "\"list\":[{\"id\":\"I1-3\","
		  "\"title\":\"A\",\"subTodoIds\":[\"I1-2\"]}],\"notFound\":[\"I1-9\",\"I2-3\","
		  "\"I1-03\"]},\"0\"]]" },
		/* update, destroy, and both */
		{ SET("\"update\":{\"I1-1\":{\"title\":\"Z\",\"id\":\"I1-1\"},\"I1-2\":{\"title\":"
		      "\"Q\"},\"I1-7\":{\"title\":\"Q\"},\"I1-4\":{\"id\":\"I1-3\"}},"
		      "\"destroy\":[\"I1-2\",\"I1-2\",\"I1-8\"]"),
		  SET_IS("s5", "s7",
		         "\"created\":null,\"updated\":{\"I1-1\":null},\"destroyed\":[\"I1-2\"],"
		         "\"notCreated\":null,\"notUpdated\":{\"I1-2\":{\"type\":\"willDestroy\","
		         "\"description\":\"the call destroys this object\"},\"I1-7\":{\"type\":"
		         "\"notFound\",\"description\":\"there is none\"},\"I1-4\":{\"type\":"
		         "\"invalidProperties\","
		         "\"description\":\"only the server sets this property\","
		         "\"properties\":[\"id\"]}},"
		         "\"notDestroyed\":{\"I1-8\":{\"type\":\"notFound\","
		         "\"description\":\"there is no such object\"}}") },
		{ SET("\"ifInState\":\"s6\",\"destroy\":[\"I1-1\"]"),
		  "[[\"error\",{\"type\":\"stateMismatch\","
		  "\"description\":\"the state is not s6 any "
		  "more\"},\"0\"]]" },
		{ SET("\"create\":{\"a\":{\"title\":\"A\",\"subTodoIds\":[\"#b\"]},"
		"\"b\":{\"title\":"
		      "\"B\",\"subTodoIds\":[\"#a\"]},\"c\":{\"title\":5,\"what\":1,"
		      "\"id\":\"I1-1\"},"
		      "\"d\":{},\"e\":{\"title\":\"E\",\"subTodoIds\":[\"#none\"]}}"),
		  SET_IS("s7", "s7",
		         "\"created\":null,\"updated\":null,\"destroyed\":null,\"notCreated\":{"
		         "\"a\":{\"type\":\"invalidProperties\",\"description\":\"objects refer to "
		         "each other in a circle\"},\"b\":{\"type\":\"invalidProperties\","
		         "\"description\":\"objects refer to each other in a circle\"},"
		         "\"c\":{\"type\":"
		         "\"invalidProperties\","
		         "\"description\":\"only the server sets this property\","
		         "\"properties\":[\"title\",\"what\",\"id\"]},\"d\":{\"type\":"
		         "\"invalidProperties\",\"description\":\"the property is needed\","
		         "\"properties\":[\"title\"]},\"e\":{\"type\":\"invalidProperties\","
		         "\"description\":\"the creation id is unknown\",\"properties\":["
		         "\"subTodoIds\"]}},\"notUpdated\":null,\"notDestroyed\":null") },
		/* RFC 8620 5.2 */
		{ "[[\"Todo/changes\",{\"accountId\":\"a1\",\"sinceState\":\"s4\"},\"0\"]]",
		  "[[\"Todo/changes\",{\"accountId\":\"a1\",\"oldState\":\"s4\","
		  "\"newState\":\"s7\","
		  "\"hasMoreChanges\":false,\"created\":[\"I1-4\"],\"updated\":[\"I1-1\"],"
		  "\"destroyed\":[\"I1-2\"]},\"0\"]]" },
		{ "[[\"Todo/changes\",{\"accountId\":\"a1\",\"sinceState\":\"s99\"},\"0\"]]",
		  "[[\"error\",{\"type\":\"cannotCalculateChanges\",\"description\":\"the state is "
		  "unknown or too old: read everything again\"},\"0\"]]" },
		{ "[[\"Todo/changes\",{\"accountId\":\"a1\",\"sinceState\":\"s4\","
		"\"maxChanges\":0},"
		  "\"0\"]]",
		  "[[\"error\",{\"type\":\"invalidArguments\",\"description\":\"maxChanges must be "
		  "more than 0\"},\"0\"]]" },
	};

	(void)state;
	run_rows(rows, COUNT(rows));
}

static void patches(void **state)
{
#define PATCH(patch) SET("\"update\":{\"I1-1\":" patch "}")
#define REFUSED(type)                                                            \
	"\"notUpdated\":{\"I1-1\":{\"type\":\"" type "\""
	static const struct {
		const char *patch, *want; /* a part of the response */
	} rows[] = {
		{ PATCH("{\"title\":\"B\"}"), "\"updated\":{\"I1-1\":null}" },
		{ PATCH("{\"keywords/x\":true}"), "\"updated\":{\"I1-1\":null}" },
		{ PATCH("{\"keywords/x\":null}"), "\"updated\":{\"I1-1\":null}" },
		{ PATCH("{\"keywords/x\":false}"), REFUSED("invalidProperties") },
		{ PATCH("{\"keywords/x/y\":true}"), REFUSED("invalidPatch") },
		{ PATCH("{\"keywords\":{},\"keywords/x\":true}"), REFUSED("invalidPatch") },
		{ PATCH("{\"subTodoIds/0\":\"I1-1\"}"), REFUSED("invalidPatch") },
		{ PATCH("{\"none/x\":1}"), REFUSED("invalidPatch") },
		{ PATCH("{\"none\":1}"), REFUSED("invalidProperties") },
		{ PATCH("{\"title\":null}"), REFUSED("invalidProperties") },
		{ PATCH("{\"title\":1}"), REFUSED("invalidProperties") },
		{ PATCH("{\"made\":\"2014-10-30T06:12:00Z\"}"), "\"updated\":{\"I1-1\":null}" },
		{ PATCH("{\"made\":\"2014-10-30T06:12:01Z\"}"), REFUSED("invalidProperties") },
		{ PATCH("{\"neuralNetworkTimeEstimation\":1}"), REFUSED("invalidProperties") },
	};
	struct todo_server s;

	(void)state;
	todo_server_open(&s);
	todo_calls(&s, SET("\"create\":{\"a\":{\"title\":\"A\",\"keywords\":{},\"made\":"
	                   "\"2014-10-30T06:12:00Z\"}}"));
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, str_find(todo_calls(&s, rows[i].patch), str_of(rows[i].want)) >= 0);
	todo_server_close(&s);
}

/* RFC 8620 5.5, 5.6. */
static void queries(void **state)
{
#define QUERY(arguments) "[[\"Todo/query\",{\"accountId\":\"a1\"" arguments "},\"0\"]]"
#define QUERY_IS(position, ids, rest)                                                         \
	"[[\"Todo/query\",{\"accountId\":\"a1\",\"queryState\":\"s6\",\"canCalculateChanges\":" \
	"true,\"position\":" position ",\"ids\":[" ids "]" rest "},\"0\"]]"
#define BY_TITLE ",\"sort\":[{\"property\":\"title\"}]"
	static const struct row rows[] = {
		{ SET("\"create\":{\"1\":{\"title\":\"b\"},\"2\":{\"title\":\"A\"},"
		"\"3\":{\"title\":"
		      "\"10\"},\"4\":{\"title\":\"9\"},\"5\":{\"title\":\"c\"}}"),
		  NULL },
		{ QUERY(""), QUERY_IS("0", "\"I1-1\",\"I1-2\",\"I1-3\",\"I1-4\",\"I1-5\"", "") },
		{ QUERY(BY_TITLE),
		  QUERY_IS("0", "\"I1-3\",\"I1-4\",\"I1-2\",\"I1-1\",\"I1-5\"", "") },
		{ QUERY(",\"sort\":[{\"property\":\"title\",\"isAscending\":false,\"collation\":"
		        "\"i;ascii-numeric\"}],\"position\":3,\"limit\":2"),
		  QUERY_IS("3", "\"I1-3\",\"I1-4\"", "") },
		{ QUERY(",\"position\":-2,\"calculateTotal\":true"),
		  QUERY_IS("3", "\"I1-4\",\"I1-5\"", ",\"total\":5") },
		{ QUERY(",\"position\":-9,\"limit\":1"), QUERY_IS("0", "\"I1-1\"", "") },
		{ QUERY(",\"position\":9"), QUERY_IS("5", "", "") },
		{ QUERY(",\"anchor\":\"I1-3\",\"anchorOffset\":-1,\"limit\":2,\"position\":4"),
		  QUERY_IS("1", "\"I1-2\",\"I1-3\"", "") },
		{ QUERY(",\"anchor\":\"I1-1\",\"anchorOffset\":-7,\"limit\":1"),
		  QUERY_IS("0", "\"I1-1\"", "") },
		{ QUERY(",\"anchor\":\"I1-9\""),
		  "[[\"error\",{\"type\":\"anchorNotFound\",\"description\":\"the anchor is not in "
		  "the results\"},\"0\"]]" },
		{ QUERY(",\"filter\":{\"operator\":\"OR\",\"conditions\":[{\"title\":\"b\"},"
		        "{\"operator\":\"NOT\",\"conditions\":[{\"title\":\"b\"},{\"title\":\"A\"},"
		        "{\"title\":\"c\"}]}]}"),
		  QUERY_IS("0", "\"I1-1\",\"I1-3\",\"I1-4\"", "") },
		{ QUERY(",\"filter\":{\"operator\":\"AND\",\"conditions\":[]}"),
		  QUERY_IS("0", "\"I1-1\",\"I1-2\",\"I1-3\",\"I1-4\",\"I1-5\"", "") },
		{ QUERY(",\"filter\":{\"what\":1}"),
		  "[[\"error\",{\"type\":\"unsupportedFilter\","
		  "\"description\":\"there is no condition "
		  "\\\"what\\\"\"},\"0\"]]" },
		{ QUERY(",\"sort\":[{\"property\":\"id\"}]"),
		  "[[\"error\",{\"type\":\"unsupportedSort\","
		  "\"description\":\"Todo cannot be sorted "
		  "by id\"},\"0\"]]" },
		{ SET("\"update\":{\"I1-1\":{\"title\":\"0\"}},\"destroy\":[\"I1-2\"],\"create\":{"
		      "\"n\":{\"title\":\"5\"}}"),
		  NULL },
		{ "[[\"Todo/queryChanges\",{\"accountId\":\"a1\",\"sinceQueryState\":\"s6\","
		  "\"calculateTotal\":true" BY_TITLE "},\"0\"]]",
		  "[[\"Todo/queryChanges\",{\"accountId\":\"a1\",\"oldQueryState\":\"s6\","
		  "\"newQueryState\":\"s9\",\"total\":5,\"removed\":[\"I1-1\",\"I1-2\"],\"added\":["
		  "{\"id\":\"I1-1\",\"index\":0},{\"id\":\"I1-6\",\"index\":2}]},\"0\"]]" },
		{ "[[\"Todo/queryChanges\",{\"accountId\":\"a1\",\"sinceQueryState\":\"s6\","
		  "\"maxChanges\":2},\"0\"]]",
		  "[[\"error\",{\"type\":\"tooManyChanges\","
		  "\"description\":\"there are more than 2 "
		  "changes\"},\"0\"]]" },
	};
	struct todo_server s;

	(void)state;
	todo_server_open(&s);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str got = todo_calls(&s, rows[i].calls);

		if (rows[i].want != NULL)
			check_str_at(i, got, str_of(rows[i].want));
	}
	todo_server_close(&s);
}

/* Result references (RFC 8620 3.7) with all forms of pointers, by Core/echo. */
static void references(void **state)
{
	static const struct {
		const char *path, *want; /* NULL: refused */
	} rows[] = {
		{ "", "{\"list\":[{\"id\":\"1\",\"in\":[\"a\",\"b\"]},{\"id\":\"2\","
		"\"in\":[\"c\"]}],"
		      "\"x/y\":{\"~\":5,\"*\":6},\"empty\":[]}" },
		{ "/list/0/id", "\"1\"" },
		{ "/list/*/id", "[\"1\",\"2\"]" },
		{ "/list/*/in", "[\"a\",\"b\",\"c\"]" },
		{ "/list/*/in/*", "[\"a\",\"b\",\"c\"]" },
		{ "/list/*/in/0", "[\"a\",\"c\"]" },
		{ "/list/*/in/1", NULL },
		{ "/x~1y/~0", "5" },
		{ "/x~1y/*", "6" },
		{ "/empty/*/id", "[]" },
		{ "/empty/*", "[]" },
		{ "/list/2", NULL },
		{ "/list/00", NULL },
		{ "/list/-", NULL },
		{ "/none", NULL },
		{ "list", NULL },
		{ "/x~2y", NULL },
		{ "/list/", NULL },
	};
	struct todo_server s;

	(void)state;
	todo_server_open(&s);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str calls = str_fmt(
			&s.arena,
			"[[\"Core/echo\",{\"list\":[{\"id\":\"1\",\"in\":[\"a\",\"b\"]},{\"id\":"
			"\"2\",\"in\":[\"c\"]}],\"x/y\":{\"~\":5,\"*\":6},\"empty\":[]},\"0\"],"
			"[\"Core/echo\",{\"#v\":{\"resultOf\":\"0\",\"name\":\"Core/echo\","
			"\"path\":\"%s\"}},\"1\"]]",
			rows[i].path);
		struct str want =
			rows[i].want == NULL
				? STR("[\"error\",{\"type\":\"invalidResultReference\"")
				: str_fmt(&s.arena, "[\"Core/echo\",{\"v\":%s},\"1\"]]",
		                          rows[i].want);

		check_at(i, str_find(todo_calls(&s, str_z(&s.arena, calls)), want) > 0);
	}
	todo_server_close(&s);
}

/* RFC 8620 3.6.1 and 3.6.2. */
static void problems(void **state)
{
	static const struct {
		const char *request, *want; /* a part of the response */
	} rows[] = {
		{ "", "error:notJSON" },
		{ "{\"using\":[],\"using\":[]}", "error:notJSON" },
		{ "{\"using\":[],\"methodCalls\":[[\"\xff\",{},\"\"]]}", "error:notJSON" },
		{ "[]", "error:notRequest" },
		{ "{\"methodCalls\":[]}", "error:notRequest" },
		{ "{\"using\":[1],\"methodCalls\":[]}", "error:notRequest" },
		{ "{\"using\":[],\"methodCalls\":{}}", "error:notRequest" },
		{ "{\"using\":[],\"methodCalls\":[[\"a\",{}]]}", "error:notRequest" },
		{ "{\"using\":[],\"methodCalls\":[[\"a\",[],\"0\"]]}", "error:notRequest" },
		{ "{\"using\":[],\"methodCalls\":[],\"createdIds\":[]}", "error:notRequest" },
		{ "{\"using\":[\"https://example.com/apis/foobar\"],\"methodCalls\":[]}",
		  "error:unknownCapability\",\"status\":400" },
		{ "{\"using\":[],\"methodCalls\":[[\"Core/echo\",{},\"0\"]]}",
		  "\"unknownMethod\"" },
		{ "{\"using\":[\"urn:ietf:params:jmap:core\"],\"methodCalls\":[[\"Todo/get\","
		  "{\"accountId\":\"a1\"},\"0\"]]}",
		  "\"unknownMethod\"" },
		{ "{\"using\":[\"urn:ietf:params:jmap:mail\"],\"methodCalls\":[[\"Todo/get\","
		  "{\"accountId\":\"a2\"},\"0\"]]}",
		  "\"accountNotFound\"" },
		{ "{\"using\":[\"urn:ietf:params:jmap:mail\"],\"methodCalls\":[[\"Todo/get\",{},"
		  "\"0\"]]}",
		  "\"invalidArguments\"" },
		{ "{\"using\":[\"urn:ietf:params:jmap:mail\"],\"methodCalls\":[[\"Todo/get\","
		  "{\"accountId\":\"a1\",\"#ids\":{},\"ids\":[]},\"0\"]]}",
		  "\"invalidResultReference\"" },
		/* createdIds in and out; ids of an earlier call */
		{ "{\"using\":[\"urn:ietf:params:jmap:mail\"],\"methodCalls\":[[\"Todo/set\","
		  "{\"accountId\":\"a1\",\"create\":{\"x\":{\"title\":\"T\"}}},\"0\"],"
		  "[\"Todo/get\","
		  "{\"accountId\":\"a1\",\"ids\":[\"#x\",\"#y\",\"#z\"],\"properties\":[]},\"1\"]],"
		  "\"createdIds\":{\"y\":\"I1-77\"}}",
		  "\"list\":[{\"id\":\"I1-1\"}],\"notFound\":[\"I1-77\",\"#z\"]},\"1\"]],"
		  "\"createdIds\":{" },
	};
	struct todo_server s;

	(void)state;
	todo_server_open(&s);
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, str_find(todo_run(&s, str_of(rows[i].request)),
		                     str_of(rows[i].want)) > 0);
	todo_server_close(&s);
}

/* Each object refers to the next one: the last is created first. */
static void creation_chain(void **state)
{
	enum { OBJECTS = 40 };
	struct todo_server s;
	struct buf b;

	(void)state;
	todo_server_open(&s);
	buf_init(&b, 1 << 16);
	buf_put(&b, STR("[[\"Todo/set\",{\"accountId\":\"a1\",\"create\":{"));
	for (unsigned i = 0; i < OBJECTS; i++)
		buf_fmt(&b, "\"k%u\":{\"title\":\"T\",\"subTodoIds\":[\"#k%u\"]},", i, i + 1);
	buf_fmt(&b, "\"k%u\":{\"title\":\"T\"}}},\"0\"]]", OBJECTS);
	check_at(0, str_find(todo_calls(&s, str_z(&s.arena, buf_str(&b))),
	               STR("\"k0\":{\"neuralNetworkTimeEstimation\":42,\"id\":\"I1-41\"}")) > 0);
	buf_deinit(&b);
	todo_server_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_and_get), cmocka_unit_test(patches),
		cmocka_unit_test(queries),     cmocka_unit_test(references),
		cmocka_unit_test(problems),    cmocka_unit_test(creation_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
