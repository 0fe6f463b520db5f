/* Transcripts of tests/golden/imap, and what they cover. */
#include "unit/imap/transcript_host.h"

static void test_transcripts(void **state)
{
	(void)state;
	transcripts_run("imap", &host);
}

/* Every row of the command table is in some transcript, and ends well in one. Those that
 * have a text of their own are not asked how they end. */
static void test_rows_covered(void **state)
{
	struct arena a = { 0 };
	struct str text = transcripts_text("imap", &a);

	(void)state;
	for (size_t i = 0; i < imap_command_count; i++) {
		const struct imap_command_row *row = &imap_commands[i];
		struct str sent = str_fmt(&a, "%s%.*s", row->flags & UID_ONLY ? "UID " : " ",
		                          STR_ARG(row->name));
		struct str done = str_fmt(&a, " %.*s completed", STR_ARG(row->name));

		if (str_find(text, sent) < 0)
			fail_msg("no transcript has %.*s", STR_ARG(sent));
		if (str_find(text, done) < 0 && !(row->states == STATE_GREETED))
			fail_msg("no transcript ends %.*s", STR_ARG(row->name));
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transcripts),
		cmocka_unit_test(test_rows_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
