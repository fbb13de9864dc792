"""Benchmarks: a corpus of any size, queries over it, and endpoints side by side on both."""
