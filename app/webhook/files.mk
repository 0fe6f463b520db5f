# One a line, so that changes do not collide; sorted.
SRC_webhook += event.c
SRC_webhook += request.c
SRC_webhook += row.c
SRC_webhook += rules.c
SRC_webhook += run.c
SRC_webhook += state.c
SRC_webhook += tell.c
