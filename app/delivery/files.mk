SRC_delivery := delivery.c feedback.c fit.c follow.c outcome.c plan.c refusal.c report.c sign.c story.c
