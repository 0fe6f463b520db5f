TEST_search := fuzzy_test.c index_test.c parts_test.c snippet_test.c
