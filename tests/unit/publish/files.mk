# One a line, so that changes do not collide; sorted.
TEST_publish += apply_test.c
TEST_publish += round_test.c
TEST_publish += wanted_test.c
