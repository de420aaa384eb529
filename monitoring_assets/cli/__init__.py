"""The command line `monitoring-assets`, one file for each group of commands.

Belongs here: options, progress, tables for people. Stays out: what a command does to data.
"""
