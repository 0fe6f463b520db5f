SRC_text := base32.c base64.c base64url.c charset.c charset_tables.c charset_wide.c date.c date_mail.c fold.c \
	html.c idna.c idna_rules.c json.c json_put.c language.c language_words.c markup.c opaque.c punycode.c qp.c qr.c regex.c regex_match.c stem.c utf7imap.c \
	utf8.c
