/* model/directory/reports_to.c: see reports_to.h. */
#include "model/directory/reports_to.h"

static bool reports_to_fits(struct str word, const struct mailaddr *address)
{
	ptrdiff_t at = str_rfind_byte(word, '@');

	if (at < 0)
		return word.n != 0 && str_eqi(word, address->local);
	return str_eqi(str_sub(word, 0, (size_t)at), address->local) &&
	       str_eqi(str_sub(word, (size_t)at + 1, word.n), address->domain);
}

bool reports_to_has(struct str list, const struct mailaddr *address)
{
	for (struct str left = list; left.n != 0;) {
		ptrdiff_t comma = str_find_byte(left, ',');
		size_t n = comma < 0 ? left.n : (size_t)comma;

		if (reports_to_fits(str_trim(str_sub(left, 0, n)), address))
			return true;
		left = str_sub(left, n + 1, left.n);
	}
	return false;
}
