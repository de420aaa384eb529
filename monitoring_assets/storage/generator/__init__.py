"""Invented history, to measure the database and to look at dashboards without waiting a year.

Belongs here: filling the tables from nothing, inside the server. Stays out: anything a user's own
database should ever see; models are called `generated_001` and so on.
"""

from monitoring_assets.storage.generator.generate import generate as generate
