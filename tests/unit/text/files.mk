TEST_text := charset_test.c codec_test.c date_test.c qr_test.c
