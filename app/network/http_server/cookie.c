/* network/http_server/cookie.c: the Cookie field (RFC 6265 4.2.1); see http.h. */
#include "foundation/base/cur.h"
#include "network/http_server/http.h"

/* cookie-string = cookie-pair *( ";" SP cookie-pair )		RFC 6265 4.2.1 */
struct str http_cookie(struct str field, struct str name)
{
	struct cur c = cur_of(field);

	while (!cur_done(&c)) {
		struct str pair;
		ptrdiff_t equals;

		if (cur_until(&c, ';', &pair))
			cur_skip(&c, 1);
		else
			cur_take(&c, cur_left(&c), &pair);
		pair = str_trim(pair);
		equals = str_find_byte(pair, '=');
		if (equals >= 0 && str_eq(str_sub(pair, 0, (size_t)equals), name))
			return str_sub(pair, (size_t)equals + 1, pair.n);
	}
	return STR_EMPTY;
}
