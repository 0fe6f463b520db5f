SRC_delivery := delivery.c feedback.c follow.c outcome.c plan.c report.c sign.c story.c
