TEST_message := header_test.c mailaddr_test.c mime_test.c
