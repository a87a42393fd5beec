"""A result as files, pictures, tables and code, and read back from its files."""
