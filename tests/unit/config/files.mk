TEST_config := live_test.c settings_test.c
