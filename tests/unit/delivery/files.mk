# One a line, so that changes do not collide; sorted.
TEST_delivery += delivery_test.c
TEST_delivery += fit_test.c
TEST_delivery += lost_test.c
TEST_delivery += return_path_test.c
