"""The machines up to 1.0.2: ssl3_connect(), ssl3_accept(), and the generic methods that choose a version."""
