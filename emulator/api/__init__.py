"""What Context, Connection and connected_pair() are made of.

``arguments`` checks the arguments of calls, ``attributes`` the attributes that are set, and ``exists`` says
which calls a release has.  ``ssl_ctx`` holds the settings of an SSL_CTX.  ``common_settings`` has the calls
that an SSL_CTX and an SSL have alike, ``connection_settings`` and ``early_data`` those of an SSL alone.
``protocols`` knows the names of protocols, methods, modes and options.
"""
