"""Stored profiles of many windows, added up: no raw row is read.

Belongs here: which windows a span has, reading their profiles, adding many rows up at once. Stays
out: what adds up (metrics/span.py), roll-ups in SQL for readers (storage/views).
"""
