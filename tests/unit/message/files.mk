TEST_message := build_test.c header_test.c mailaddr_test.c mime_test.c
