SRC_delivery := delivery.c plan.c report.c sign.c story.c
