/* Languages and stems: what a text is written in, and which of its words are one. */
#include "harness/check.h"

#include "foundation/base/cur.h"
#include "foundation/text/fold.h"
#include "foundation/text/language.h"
#include "foundation/text/stem.h"
#include "foundation/text/utf8.h"

/* --- guessing --------------------------------------------------------------------------- */

static void guess_words(struct language_guess *g, const char *text)
{
	struct cur c;
	struct buf folded;
	struct str word;

	buf_init(&folded, 1 << 16);
	fold_put(&folded, str_of(text));
	buf_byte(&folded, ' ');
	c = cur_of(buf_str(&folded));
	while (cur_until(&c, ' ', &word)) {
		if (word.n)
			(void)language_guess_take(g, word);
		cur_skip(&c, 1);
	}
	buf_deinit(&folded);
}

static enum language guess(const char *text)
{
	struct language_guess g = { 0 };

	guess_words(&g, text);
	return language_guess_end(&g);
}

static void test_guess(void **state)
{
	static const struct {
		enum language want;
		const char *text;
	} rows[] = {
		{ LANGUAGE_ENGLISH, "Please find the report for this quarter in the attachment" },
		{ LANGUAGE_GERMAN,
		  "Anbei der Bericht für das letzte Quartal , wie besprochen mit dem Chef" },
		{ LANGUAGE_FRENCH, "Bonjour , vous trouverez le rapport dans la pièce jointe" },
		{ LANGUAGE_SPANISH,
		  "Buenos días , le envío el informe del trimestre y los datos de las ventas" },
		{ LANGUAGE_PORTUGUESE,
		  "Olá , segue em anexo o relatório do trimestre para a sua análise , obrigado" },
		{ LANGUAGE_ITALIAN,
		  "Buongiorno , il rapporto della riunione che abbiamo fatto con gli altri" },
		{ LANGUAGE_DUTCH,
		  "Hierbij het verslag van de vergadering die wij met jullie hebben gehad" },
		{ LANGUAGE_DANISH,
		  "Hej , jeg sender rapporten til dig efter mødet , hvor vi også var nogle" },
		{ LANGUAGE_SWEDISH,
		  "Hej , jag skickar rapporten till dig efter mötet och vi ska också ses" },
		{ LANGUAGE_NORWEGIAN,
		  "Hei , jeg sender rapporten til deg etter møtet , hva var det noen sa" },
		{ LANGUAGE_FINNISH,
		  "Hei , tämä on raportti kokouksesta ja olen myös liittänyt sen mukaan" },
		{ LANGUAGE_HUNGARIAN,
		  "Kedves kolléga , ez a jelentés és az adatok is benne vannak , nem csak ez" },
		{ LANGUAGE_TURKISH,
		  "Merhaba , bu toplantı için bir rapor hazırladım ve daha sonra size gönderdim" },
		{ LANGUAGE_ROMANIAN,
		  "Bună ziua , raportul este în atașament și vă rog să îl citiți pentru mâine" },
		{ LANGUAGE_CATALAN,
		  "Bon dia , us envio els documents amb aquest missatge , també són per a ells" },
		{ LANGUAGE_BASQUE,
		  "Egun on , hau da txostena eta ez dut beste ezer egin baina hori dago" },
		{ LANGUAGE_IRISH,
		  "Dia duit , tá an tuarascáil seo le fáil agus bhí sé ar an mbord" },
		{ LANGUAGE_INDONESIAN,
		  "Selamat pagi , ini adalah laporan yang akan dibahas pada rapat dengan kami" },
		{ LANGUAGE_LITHUANIAN,
		  "Laba diena , ataskaita yra priede ir apie tai dar bus kalbama su jumis" },
		{ LANGUAGE_SERBIAN,
		  "Dobar dan , ovo je izveštaj koji smo poslali i ne znam da li će biti" },
		{ LANGUAGE_SERBIAN, "Добар дан , ово је извештај који смо послали" },
		{ LANGUAGE_RUSSIAN,
		  "Добрый день , это отчёт по проекту , и мы не знаем , что он ещё нужен" },
		{ LANGUAGE_GREEK, "Καλημέρα σας , η αναφορά είναι έτοιμη" },
		{ LANGUAGE_ARABIC, "مرحبا هذا هو التقرير الذي طلبته" },
		{ LANGUAGE_ARMENIAN, "Բարեւ ձեզ սա հաշվետվությունն է" },
		{ LANGUAGE_HINDI, "नमस्ते , यह बैठक की रिपोर्ट है और इस के साथ" },
		{ LANGUAGE_NEPALI, "नमस्ते , यो बैठकको प्रतिवेदन हो र पनि छ भने" },
		{ LANGUAGE_TAMIL, "வணக்கம் இது கூட்டத்தின் அறிக்கை" },
		{ LANGUAGE_YIDDISH, "אַ גוטן װי גײט עס דער באַריכט איז דאָ װאָס" },
		/* no stemmer */
		{ LANGUAGE_NONE, "您好 请查收附件中的报告" },
		{ LANGUAGE_NONE, "Добрий день , це звіт , який ви просили , його треба читати" },
		{ LANGUAGE_NONE, "שלום רב , הדוח נמצא בקובץ המצורף" },
		/* nothing to go by */
		{ LANGUAGE_ENGLISH, "" },
		{ LANGUAGE_ENGLISH, "patch v2 4711 0xdeadbeef" },
		{ LANGUAGE_NONE, "Änderungsübersicht Nr. 7" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (guess(rows[i].text) != rows[i].want)
			fail_msg("row %zu: guessed %d, want %d", i, guess(rows[i].text),
			         rows[i].want);
}

/* Only the beginning counts: a long text costs no more, and a long quotation changes nothing. */
static void test_guess_ends(void **state)
{
	struct language_guess g = { 0 };

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		guess_words(&g, "der Bericht und das Buch");
	for (unsigned i = 0; i < 10000; i++)
		guess_words(&g, "the report of this");
	assert_int_equal(language_guess_end(&g), LANGUAGE_GERMAN);
}

/* Words of the table are in search form, and each language has some of its own. */
static void test_table(void **state)
{
	(void)state;
	for (int i = 0; i < LANGUAGES; i++) {
		struct language_guess g = { 0 };
		struct str words = str_of(language_words[i]);
		struct buf folded;

		if (words.n == 0)
			continue;
		buf_init(&folded, 1 << 14);
		fold_put(&folded, words);
		check_str_at(i, buf_str(&folded), words);
		buf_deinit(&folded);
		guess_words(&g, words.p);
		for (int k = 0; k < LANGUAGES; k++)
			check_at(i, k == i || g.counts[k] + 8 <= g.counts[i]);
	}
}

static void test_field(void **state)
{
	static const struct {
		const char *value;
		bool is;
		enum language language;
	} rows[] = {
		{ "de", true, LANGUAGE_GERMAN },        { " en-US", true, LANGUAGE_ENGLISH },
		{ "FR-ca, en", true, LANGUAGE_FRENCH }, { "nb", true, LANGUAGE_NORWEGIAN },
		{ "ger", true, LANGUAGE_GERMAN },       { "ja", true, LANGUAGE_NONE },
		{ "i-klingon", false, LANGUAGE_NONE },  { "english", false, LANGUAGE_NONE },
		{ "", false, LANGUAGE_NONE },           { "\xff", false, LANGUAGE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum language got;

		check_at(i, language_of_field(str_of(rows[i].value), &got) == rows[i].is);
		check_at(i, got == rows[i].language);
	}
}

/* --- stems ------------------------------------------------------------------------------ */

static void test_stems(void **state)
{
	static const struct {
		enum language language;
		const char *a, *b;
		bool same;
	} rows[] = {
		{ LANGUAGE_ENGLISH, "reporting", "reports", true },
		{ LANGUAGE_ENGLISH, "report", "reports", true },
		{ LANGUAGE_GERMAN, "rechnungen", "rechnung", true },
		{ LANGUAGE_GERMAN, "häuser", "haus", true },
		{ LANGUAGE_FRENCH, "réunions", "réunion", true },
		{ LANGUAGE_SPANISH, "facturas", "factura", true },
		{ LANGUAGE_SPANISH, "árboles", "árbol", true },
		{ LANGUAGE_PORTUGUESE, "relatórios", "relatório", true },
		{ LANGUAGE_ITALIAN, "riunione", "riunioni", true },
		{ LANGUAGE_DUTCH, "vergaderingen", "vergadering", true },
		{ LANGUAGE_DANISH, "rapporten", "rapporter", true },
		{ LANGUAGE_SWEDISH, "rapporten", "rapporter", true },
		{ LANGUAGE_NORWEGIAN, "rapporten", "rapporter", true },
		{ LANGUAGE_FINNISH, "kokouksessa", "kokouksesta", true },
		{ LANGUAGE_HUNGARIAN, "jelentések", "jelentés", true },
		{ LANGUAGE_TURKISH, "kitaplar", "kitap", true },
		{ LANGUAGE_ROMANIAN, "rapoartele", "rapoartelor", true },
		{ LANGUAGE_CATALAN, "reunions", "reunió", true },
		{ LANGUAGE_RUSSIAN, "отчёта", "отчёты", true },
		{ LANGUAGE_SERBIAN, "књиге", "knjiga", true },
		{ LANGUAGE_GREEK, "αναφορές", "αναφορά", true },
		{ LANGUAGE_ARABIC, "التقرير", "تقرير", true },
		{ LANGUAGE_INDONESIAN, "pelaporan", "lapor", true },
		{ LANGUAGE_LITHUANIAN, "ataskaitos", "ataskaita", true },
		{ LANGUAGE_HINDI, "बैठकें", "बैठक", true },
		{ LANGUAGE_NONE, "reports", "report", false },
		{ LANGUAGE_GERMAN, "reporting", "reports", false },
	};
	struct stemmer *s = stemmer_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str a = str_new(stem(s, rows[i].language, str_of(rows[i].a)));
		struct str b = stem(s, rows[i].language, str_of(rows[i].b));

		if (str_eq(a, b) != rows[i].same)
			fail_msg("row %zu: \"%.*s\" and \"%.*s\"", i, STR_ARG(a), STR_ARG(b));
		str_free(&a);
	}
	stemmer_free(&s);
	stemmer_free(&s);
}

/* Whatever the bytes are, a stem is UTF-8 if the word is, and not empty. */
static void test_stems_of_anything(void **state)
{
	static const char *const words[] = {
		"", "a", "'''", "\xff\xfe", "\xcc\x88", "\xe6\xbc\xa2", "0", "sssssssssssssssssss"
	};
	struct stemmer *s = stemmer_new();

	(void)state;
	for (int l = 0; l < LANGUAGES; l++)
		for (size_t i = 0; i < COUNT(words); i++) {
			struct str word = str_of(words[i]), got = stem(s, (enum language)l, word);

			check_at(i, (got.n == 0) == (word.n == 0));
			check_at(i, utf8_valid(got) || !utf8_valid(word));
		}
	stemmer_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guess), cmocka_unit_test(test_guess_ends),
		cmocka_unit_test(test_table), cmocka_unit_test(test_field),
		cmocka_unit_test(test_stems), cmocka_unit_test(test_stems_of_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
