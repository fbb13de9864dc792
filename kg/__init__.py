"""Hearsay: news articles as a graph of who is said to have said what."""

__version__ = "0.1.0"
