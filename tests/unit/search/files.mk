TEST_search := index_test.c parts_test.c
