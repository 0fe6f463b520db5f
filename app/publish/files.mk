# One a line, so that changes do not collide; sorted.
SRC_publish += apply.c
SRC_publish += change.c
SRC_publish += host.c
SRC_publish += publish.c
SRC_publish += published.c
SRC_publish += rotate.c
SRC_publish += round.c
SRC_publish += sight.c
SRC_publish += wanted.c
