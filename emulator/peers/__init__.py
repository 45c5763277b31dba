"""An s_server and an s_client of a chosen generation on real sockets."""
