"""The pages that people meet and the endpoints that apps call."""
