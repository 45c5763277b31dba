"""Driving a real libssl with scenarios, and recording what it answers in the form of a trace.

Nothing is imported here: the process that loads the library comes through this module, and must not load
another OpenSSL on its way.
"""
