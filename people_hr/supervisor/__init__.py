"""Runs a whole installation on one machine: what ``script/server`` starts."""
