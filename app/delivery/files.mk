# One a line, so that changes do not collide; sorted.
SRC_delivery += delivery.c
SRC_delivery += feedback.c
SRC_delivery += fit.c
SRC_delivery += follow.c
SRC_delivery += offer.c
SRC_delivery += outcome.c
SRC_delivery += plan.c
SRC_delivery += refusal.c
SRC_delivery += report.c
SRC_delivery += seal.c
SRC_delivery += sign.c
SRC_delivery += signer.c
SRC_delivery += story.c
