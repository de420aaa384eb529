"""Benchmarks: modules `bench_*.py` with a function `main() -> None` that prints what it measured.

`make benchmark` runs them all; pytest collects none of them. A benchmark measures what somebody
promised (README.md, an issue) and prints the promise beside the figure; it raises only if it could
not measure.
"""
