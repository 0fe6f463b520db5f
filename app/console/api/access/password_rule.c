/* console/api/access/password_rule.c: see account.h.
 *
 * An estimate in bits: each run that a guesser's program knows (a common word, a keyboard row, a
 * sequence, a repetition, a part of the address) counts little however long it is; other
 * characters count as if drawn from what is used. No network, no list that anybody has to keep
 * up to date. */
#include "console/api/access/account.h"

#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "foundation/text/utf8.h"

#include <string.h>

enum {
	WORD_BITS = 8, /* of a known word or run */
	RANDOM_LOWER = 47,
	RANDOM_MIXED = 57,
	RANDOM_ALL = 65, /* tenths of a bit, each character */
	PLAIN_WORD = 24, /* tenths: letters only are mostly language */
	NAME_LEAST = 3,  /* bytes: a shorter name is in everything by chance */
};

/* The most frequent beginnings of leaked passwords. */
static const char *const common[] = {
	"password", "passwort", "letmein",  "welcome", "admin",  "iloveyou", "monkey", "dragon",
	"qwert",    "qwertz",   "azerty",   "asdf",    "yxcv",   "zxcv",     "secret", "master",
	"sunshine", "football", "princess", "login",   "abc123", "hallo",    "hello",  "love",
	"summer",   "sommer",   "winter",   "test",    "server", "mail",     "roost",  "changeme",
	"baseball", "shadow",   "superman", "michael", "daniel", "trustno1", "access", "default",
};

static bool known_at(struct str lower, size_t at, struct str word)
{
	return word.n >= 4 && str_starts(str_sub(lower, at, lower.n), word);
}

/* Length of a run at this place that a guesser tries early; 0 for none. */
static size_t run_at(struct str lower, size_t at, struct str own)
{
	size_t n = known_at(lower, at, own) ? own.n : 0;

	for (size_t i = 0; i < COUNT(common); i++)
		if (known_at(lower, at, str_of(common[i])))
			n = MAX(n, strlen(common[i]));
	if (n != 0)
		return n;
	/* "aaaa", "1234", "dcba" */
	for (int step = -1; step <= 1; step++) {
		for (n = 1; at + n < lower.n && lower.p[at + n] == lower.p[at + n - 1] + step;
		     n++) {
		}
		if (n >= 3)
			return n;
	}
	return 0;
}

/* Tenths of a bit that a character is worth, by what kinds there are. */
static unsigned per_character(struct str password)
{
	bool lower = false, upper = false, digit = false, other = false;

	for (size_t i = 0; i < password.n; i++) {
		char c = password.p[i];

		lower |= c >= 'a' && c <= 'z';
		upper |= c >= 'A' && c <= 'Z';
		digit |= ascii_digit(c);
		other |= !ascii_alnum(c) && c != ' ';
	}
	if (!digit && !other)
		return PLAIN_WORD + 6 * upper;
	return other ? RANDOM_ALL : lower && upper ? RANDOM_MIXED : RANDOM_LOWER;
}

static unsigned bits_of(struct str password, struct str own)
{
	struct arena a = { 0 };
	struct str lower;
	unsigned tenths = 0, each = per_character(password);

	arena_init(&a, true);
	lower = str_lower(&a, password);
	for (size_t i = 0; i < lower.n;) {
		size_t n = run_at(lower, i, own);

		tenths += n != 0 ? 10 * WORD_BITS : each;
		i += MAX(n, (size_t)1);
	}
	arena_deinit(&a);
	return tenths / 10;
}

/* The local part in lower case. */
static struct str own_name(struct str address, struct arena *a)
{
	ptrdiff_t at = str_rfind_byte(address, '@');

	return str_lower(a, str_sub(address, 0, at >= 0 ? (size_t)at : address.n));
}

int password_strength(struct str password, struct str address, struct str *advice)
{
	static const unsigned steps[] = { 20, 30, 42, 60 };
	struct arena a = { 0 };
	struct str own = own_name(address, &a);
	unsigned bits = bits_of(password, own);
	int strength = 0;

	while (strength < (int)COUNT(steps) && bits >= steps[strength])
		strength++;
	arena_deinit(&a);
	*advice = STR_EMPTY;
	if (password.n < LIMIT_password_least)
		*advice =
			STR("it is short: give 12 characters or more, four or five words will do");
	else if (strength < 3)
		*advice = STR("programs that guess try names, common words, years and rows of keys "
		              "first: put four or five words together that have nothing to do with "
		              "each other");
	return strength;
}

static bool has_own_name(struct str password, struct str address)
{
	struct arena a = { 0 };
	struct str own, domain, lower;
	bool has;

	arena_init(&a, true);
	own = own_name(address, &a);
	domain = str_lower(&a, str_sub(address, own.n + 1, address.n));
	lower = str_lower(&a, password);
	has = (own.n >= NAME_LEAST && str_find(lower, own) >= 0) ||
	      (domain.n >= NAME_LEAST && str_find(lower, domain) >= 0);
	arena_deinit(&a);
	return has;
}

enum err password_check(struct str password, struct str address, struct why *why)
{
	struct str advice;

	if (str_find_byte(password, '\0') >= 0 || !utf8_valid(password))
		return fail(why, ERR_SYNTAX,
		            "a password is UTF-8 text, or no login could carry it");
	if (password.n < LIMIT_password_least)
		return fail(why, ERR_SYNTAX, "a password has at least %d characters",
		            LIMIT_password_least);
	if (has_own_name(password, address))
		return fail(why, ERR_SYNTAX,
		            "the account's own name or domain is in this password: choose one "
		            "without it");
	if (password_strength(password, address, &advice) == 0)
		return fail(why, ERR_SYNTAX,
		            "this password is among the first that are guessed: put four or five "
		            "words together that have nothing to do with each other");
	return OK;
}
