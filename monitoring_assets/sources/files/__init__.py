"""Rows in files: Parquet and CSV, on a disk or in an object store, and the TLC's monthly files.

Belongs here: finding files (store.py, object_store.py), reading them (parquet_reader.py,
csv_reader.py), what is remembered of them (known.py, event_times.py), and the one `RawSource` over
all of this (rows.py). Stays out: what the columns mean (piece.py and the steps after it).
"""
