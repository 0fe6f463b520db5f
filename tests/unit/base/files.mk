TEST_base := block_test.c budget_test.c bytes_test.c cur_test.c fault_test.c
