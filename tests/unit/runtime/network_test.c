/* Parts of the address space. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "network/runtime/network.h"

static const struct {
	const char *networks, *addr;
	bool has;
} rows[] = {
	{ "", "192.0.2.1", false },
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.128/25", "192.0.2.128", true },
	{ "0.0.0.0/0", "203.0.113.9", true },
	{ "0.0.0.0/0", "::1", false },
	{ "::/0", "203.0.113.9", false },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "192.0.2.1 , ::1", "::1", true },
};

static const struct {
	const char *networks;
	bool ok;
} trusted_rows[] = {
	{ "", true },
	{ "192.0.2.1, 10.0.0.0/8, 2001:db8::/32", true },
	{ "2001::/16", true },
	{ "fc00::/7", true }, /* RFC 4193 3.1 */
	{ "fd00::/8", true },
	{ "0.0.0.0/0", false },
	{ "10.0.0.0/7", false },
	{ "192.0.2.1, ::/0", false },
	{ "2000::/3", false },
	{ "fe00::/8", false },
	{ "fc00::/6", false },
	{ "nonsense", false },
};

static void trusted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(trusted_rows); i++) {
		struct arena a = { 0 };
		struct network_list list;

		check_at(i, (network_list_parse_trusted(&a, str_of(trusted_rows[i].networks), &list,
		                                        NULL) == OK) == trusted_rows[i].ok);
		arena_deinit(&a);
	}
}

static void members(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct network_list list;
		struct addr addr;

		check_at(i, network_list_parse(&a, str_of(rows[i].networks), &list, NULL) == OK);
		check_at(i, addr_parse_ip(str_of(rows[i].addr), &addr));
		check_at(i, network_list_has(&list, &addr) == rows[i].has);
		arena_deinit(&a);
	}
}

static void refuses(void **state)
{
	static const char *const odd[] = { "192.0.2.0/33", "192.0.2.0/",    "192.0.2.0/-1",
		                           "192.0.2.0/8x", "192.0.2.0/1/2", "proxy.example",
		                           "::1/129",      "192.0.2.1,,",   ",",
		                           "192.0.2.1:80" };

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct arena a = { 0 };
		struct network_list list;
		struct why why = { "" };

		check_at(i, network_list_parse(&a, str_of(odd[i]), &list, &why) == ERR_SYNTAX);
		check_at(i, why.text[0] != '\0');
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(members),
		cmocka_unit_test(trusted), cmocka_unit_test(refuses) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
