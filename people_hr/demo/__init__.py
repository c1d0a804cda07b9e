"""A company to try everything on; for demo mode alone."""
