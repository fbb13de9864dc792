"""Processes that answer queries and may be killed: a keeper holds the store and forks the workers.

The keeper is single-threaded. It loads the store once, in memory, and a worker shares that memory until
it writes to it (as counting references does); a store that stays on disk is opened by each worker for
itself. Every worker is sandboxed, answers one query at a time, and is killed when its query is to end.
"""
