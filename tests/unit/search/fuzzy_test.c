/* FUZZY: what nearly matches, how well, and that whatever matches as it is matches so, too. */
#include "harness/check.h"

#include "foundation/text/fold.h"
#include "model/search/fuzzy_text.h"
#include "model/search/words.h"

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

static struct str folded(struct arena *a, const char *text)
{
	struct buf out;
	struct str s;

	buf_init(&out, 1 << 16);
	fold_put(&out, str_of(text));
	s = str_dup(a, buf_str(&out));
	buf_deinit(&out);
	return s;
}

static void test_grades(void **state)
{
	static const struct {
		const char *pattern, *word;
		enum language language;
		enum fuzzy_grade want;
	} rows[] = {
		{ "report", "report", LANGUAGE_NONE, FUZZY_WORD },
		{ "Report", "report", LANGUAGE_NONE, FUZZY_WORD },
		{ "report", "reports", LANGUAGE_NONE, FUZZY_PART },
		{ "port", "report", LANGUAGE_ENGLISH, FUZZY_PART },
		{ "report", "reports", LANGUAGE_ENGLISH, FUZZY_STEM },
		{ "reports", "reporting", LANGUAGE_ENGLISH, FUZZY_STEM },
		{ "reports", "reporting", LANGUAGE_FINNISH, FUZZY_NO },
		/* RFC 6203 4 */
		{ "helo", "hello", LANGUAGE_NONE, FUZZY_TYPO },
		{ "helo", "help", LANGUAGE_NONE, FUZZY_TYPO },
		{ "Helo", "yellow", LANGUAGE_NONE, FUZZY_NO },
		/* typos: one letter missing, too many, another, two swapped */
		{ "meeting", "meting", LANGUAGE_NONE, FUZZY_TYPO },
		{ "meeting", "meetting", LANGUAGE_NONE, FUZZY_TYPO },
		{ "meeting", "meating", LANGUAGE_NONE, FUZZY_TYPO },
		{ "meeting", "meetign", LANGUAGE_NONE, FUZZY_TYPO },
		{ "meeting", "meetnig", LANGUAGE_NONE, FUZZY_TYPO },
		{ "meeting", "matting", LANGUAGE_NONE, FUZZY_NO },
		{ "meeting", "greeting", LANGUAGE_NONE, FUZZY_NO },
		{ "meeting", "emeting", LANGUAGE_NONE, FUZZY_NO }, /* another beginning */
		{ "meeting", "mee7ing", LANGUAGE_NONE, FUZZY_NO },
		{ "cat", "car", LANGUAGE_NONE, FUZZY_NO }, /* too short */
		{ "2024", "2025", LANGUAGE_NONE, FUZZY_NO },
		{ "grün", "grüne", LANGUAGE_NONE, FUZZY_PART },
		{ "grüne", "grünne", LANGUAGE_NONE, FUZZY_TYPO },
		{ "grüße", "grußen", LANGUAGE_NONE, FUZZY_NO },
		{ "größer", "grösser", LANGUAGE_NONE, FUZZY_WORD }, /* folded */
		{ "straße", "strasse", LANGUAGE_NONE, FUZZY_WORD },
		{ "отчёт", "отчет", LANGUAGE_NONE, FUZZY_TYPO },
		/* languages */
		{ "rechnung", "rechnungen", LANGUAGE_GERMAN, FUZZY_STEM },
		{ "haus", "häuser", LANGUAGE_GERMAN, FUZZY_STEM },
		{ "réunion", "réunions", LANGUAGE_FRENCH, FUZZY_STEM },
		{ "árbol", "árboles", LANGUAGE_SPANISH, FUZZY_STEM },
		{ "riunione", "riunioni", LANGUAGE_ITALIAN, FUZZY_STEM },
		{ "relatório", "relatórios", LANGUAGE_PORTUGUESE, FUZZY_STEM },
		{ "vergadering", "vergaderingen", LANGUAGE_DUTCH, FUZZY_STEM },
		{ "rapporten", "rapporter", LANGUAGE_SWEDISH, FUZZY_STEM },
		{ "отчёты", "отчёта", LANGUAGE_RUSSIAN, FUZZY_STEM },
		{ "αναφορές", "αναφορά", LANGUAGE_GREEK, FUZZY_STEM },
		{ "kokouksessa", "kokouksesta", LANGUAGE_FINNISH, FUZZY_STEM },
		{ "kitap", "kitaplar", LANGUAGE_TURKISH, FUZZY_STEM },
		{ "jelentés", "jelentések", LANGUAGE_HUNGARIAN, FUZZY_STEM },
		/* a stem may begin otherwise */
		{ "lapor", "pelaporan", LANGUAGE_INDONESIAN, FUZZY_STEM },
		{ "التقرير", "تقرير", LANGUAGE_ARABIC, FUZZY_STEM },
		{ "knjiga", "књиге", LANGUAGE_SERBIAN, FUZZY_STEM },
		/* pairs */
		{ "漢字", "漢字", LANGUAGE_NONE, FUZZY_WORD },
		{ "漢", "漢字", LANGUAGE_NONE, FUZZY_PART },
		{ "漢字", "漢語", LANGUAGE_NONE, FUZZY_NO },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct str word = folded(&a, rows[i].word);
		struct fuzzy_match m;
		struct fuzzy f;

		fuzzy_init(&f, folded(&a, rows[i].pattern), SEARCH_EVERYWHERE);
		check_at(i, f.n == 1);
		m = fuzzy_match(&f, 0, word, BIT(rows[i].language));
		if (fuzzy_grade_in(m, rows[i].language) != rows[i].want)
			fail_msg("row %zu: grade %d", i, fuzzy_grade_in(m, rows[i].language));
		/* other languages that are asked for change nothing */
		m = fuzzy_match(&f, 0, word, UINT32_MAX >> (32 - LANGUAGES));
		check_at(i, fuzzy_grade_in(m, rows[i].language) == rows[i].want);
		fuzzy_deinit(&f);
		arena_deinit(&a);
	}
}

/* --- messages --------------------------------------------------------------------------- */

static unsigned score(const char *pattern, unsigned fields, const char *name, const char *raw)
{
	struct arena a = { 0 };
	struct fuzzy f;
	struct str bytes = str_of(raw);
	ptrdiff_t header = str_find(bytes, STR("\r\n\r\n"));
	unsigned got;

	fuzzy_init(&f, folded(&a, pattern), fields);
	got = fuzzy_text_score(&f, fields, str_of(name), bytes,
	                       header < 0 ? bytes.n : (size_t)header + 4, &limits);
	fuzzy_deinit(&f);
	arena_deinit(&a);
	return got;
}

#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"
#define IMAP                                                                                       \
	"From: Dave Smith <dave@example.net>\r\nSubject: IMAP is broken\r\nX-Mood: sunny\r\n" TEXT \
	"\r\nThe servers broke during our meetings.\r\n"

#define MIXED "Content-Type: multipart/mixed; boundary=x\r\n\r\n"

static void test_messages(void **state)
{
	static const struct {
		const char *pattern;
		unsigned fields;
		const char *name, *raw;
		unsigned want; /* 1: any score but 100 */
	} rows[] = {
		{ "IMAP", BIT(FIELD_SUBJECT), "", IMAP, 100 },
		{ "broken IMAP", BIT(FIELD_SUBJECT), "", IMAP, 100 }, /* in any order */
		{ "IMAP break", BIT(FIELD_SUBJECT), "", IMAP, 0 },    /* not one stem */
		{ "IMAP brokn", BIT(FIELD_SUBJECT), "", IMAP, 1 },
		{ "IMAP server", BIT(FIELD_SUBJECT), "", IMAP, 0 }, /* each word is needed */
		{ "IMAP server", SEARCH_EVERYWHERE, "", IMAP, 1 },  /* in whatever field   */
		{ "meeting", BIT(FIELD_BODY), "", IMAP, 1 },
		{ "meetings", BIT(FIELD_BODY), "", IMAP, 100 }, /* the best a body can have */
		{ "dave", BIT(FIELD_FROM), "", IMAP, 100 },
		{ "smiht", BIT(FIELD_FROM), "", IMAP, 1 },
		{ "dave", BIT(FIELD_BODY), "", IMAP, 0 },
		{ "sunny", BIT(FIELD_OTHER), "X-Mood", IMAP, 100 },
		{ "sunny", BIT(FIELD_OTHER), "X-Moo", IMAP, 0 },
		{ "mood", BIT(FIELD_OTHER), "X-Mood", IMAP, 0 }, /* its value only */
		/* scripts without spaces: half of the pairs */
		{ "会議議事録", BIT(FIELD_BODY), "", TEXT "\r\n昨日の会議の議事録です\r\n", 1 },
		{ "会議", BIT(FIELD_BODY), "", TEXT "\r\n昨日の会議の議事録です\r\n", 100 },
		{ "会社員", BIT(FIELD_BODY), "", TEXT "\r\n昨日の会議の議事録です\r\n", 0 },
		/* attachments that are text */
		{ "notes", BIT(FIELD_BODY), "",
		  MIXED
		  "--x\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment"
		  "\r\nContent-Transfer-Encoding: base64\r\n\r\ndGhlIGF0dGFjaGVkIG5vdGVz\r\n--x--",
		  100 },
		{ "notes", BIT(FIELD_BODY), "",
		  MIXED
		  "--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: notes\r\n\r\n\r\n--x--",
		  100 },
		{ "notes", BIT(FIELD_BODY), "",
		  MIXED "--x\r\nContent-Type: image/png; name=notes.png\r\n\r\nnotes\r\n--x--", 0 },
		/* markup is not text */
		{ "class", BIT(FIELD_BODY), "",
		  "Content-Type: text/html\r\n\r\n<p class=x>reports</p>", 0 },
		{ "report", BIT(FIELD_BODY), "",
		  "Content-Type: text/html\r\n\r\n<p class=x>reports</p>", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned got = score(rows[i].pattern, rows[i].fields, rows[i].name, rows[i].raw);

		if (rows[i].want == 1 ? got == 0 || got == 100 : got != rows[i].want)
			fail_msg("row %zu: score %u", i, got);
	}
}

/* The better match has the greater score, whatever the field. */
static void test_order(void **state)
{
	static const char *const better_first[] = {
		"Subject: report\r\n\r\n",
		"Subject: reports\r\n\r\n",
		"From: report@example.net\r\n\r\n",
	};
	static const char *const body[] = {
		TEXT "\r\nthe report is here",
		TEXT "\r\nthe reports are here",
		TEXT "\r\nthe airport is here; portreport9",
		TEXT "\r\nthe resort is here",
		TEXT "\r\nthe ransom is here",
	};
	unsigned last = 101;

	(void)state;
	assert_true(score("report", SEARCH_EVERYWHERE, "", better_first[0]) == 100);
	assert_true(score("report", SEARCH_EVERYWHERE, "", better_first[1]) < 100);
	assert_true(score("report", SEARCH_EVERYWHERE, "", better_first[2]) < 100);
	for (size_t i = 0; i < COUNT(body); i++) {
		unsigned got = score("report", SEARCH_EVERYWHERE, "", body[i]);

		check_at(i, got < last);
		last = got;
	}
	assert_int_equal(last, 0);
}

/* --- languages of messages -------------------------------------------------------------- */

static void test_tongue(void **state)
{
	static const struct {
		const char *raw;
		enum language want;
	} rows[] = {
		{ "Content-Language: de\r\n\r\nthe text is in English and so on", LANGUAGE_GERMAN },
		{ "Content-Language: i-none\r\n\r\nthe text is in English", LANGUAGE_ENGLISH },
		{ "Content-Language: ja\r\n\r\nthe text is in English", LANGUAGE_NONE },
		{ "Subject: Bericht\r\n" TEXT "\r\nder Bericht ist nicht von mir",
		  LANGUAGE_GERMAN },
		{ "Subject: der Bericht ist nicht von mir\r\n\r\n", LANGUAGE_GERMAN },
		{ "X-Note: der Bericht ist nicht von mir\r\n\r\nok", LANGUAGE_ENGLISH },
		{ "Content-Type: text/html\r\n\r\n<html><body class=the>le <b>rapport</b> est dans"
		  " les documents pour vous",
		  LANGUAGE_FRENCH },
		{ "Subject: =?utf-8?q?=D0=BE=D1=82=D1=87=D1=91=D1=82_=D0=B8_=D0=BD=D0=B5_=D0=B2?="
		  "\r\n\r\n",
		  LANGUAGE_RUSSIAN },
		{ "\r\n", LANGUAGE_ENGLISH },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str raw = str_of(rows[i].raw);
		ptrdiff_t header = str_find(raw, STR("\r\n\r\n"));
		enum language got = search_language_of(raw, (size_t)MAX(header, 0) + 4, &limits);

		if (got != rows[i].want)
			fail_msg("row %zu: %d", i, got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grades),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_tongue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
