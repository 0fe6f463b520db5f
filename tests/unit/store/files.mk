TEST_store := blob_test.c commit_test.c kv_test.c
