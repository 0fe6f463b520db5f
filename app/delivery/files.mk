SRC_delivery := delivery.c plan.c report.c story.c
