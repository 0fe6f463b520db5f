TEST_text := base32_test.c charset_test.c codec_test.c date_test.c idna_test.c json_test.c language_test.c opaque_test.c qr_test.c regex_test.c
