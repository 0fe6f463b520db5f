# One a line, so that changes do not collide; sorted.
SRC_confine += calls.c
SRC_confine += capabilities.c
SRC_confine += files.c
SRC_confine += process.c
SRC_confine += threads.c
