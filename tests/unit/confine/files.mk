# One a line, so that changes do not collide; sorted.
TEST_confine += confine_test.c
