TEST_config := live_test.c parsed_test.c rules_test.c settings_test.c
