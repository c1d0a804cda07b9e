"""Bring employees in from another system's export file.

reading (bytes → table) → headers (columns → fields) → values (cells → values)
→ planning (rows → what would change) → applying (one transaction or nothing).
"""
