"""The machine from 1.1.0: statem.c, with the rules of a client, of a server, and of TLS 1.3 for each."""
