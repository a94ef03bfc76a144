"""All SQL of the core: one file a table group."""
