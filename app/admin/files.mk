SRC_admin := account.c admin.c autoconfig.c autodiscover.c client_setup.c mobileconfig.c settings_store.c
