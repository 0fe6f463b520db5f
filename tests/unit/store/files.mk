TEST_store := kv_test.c
