TEST_message := arf_test.c authors_test.c build_test.c downgrade_test.c dsn_test.c fold_test.c header_test.c lines_test.c mailaddr_test.c mime_test.c
