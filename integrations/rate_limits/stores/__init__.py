"""Where counts are kept: in Valkey for all processes, or in one process's memory."""
