"""All SQL of the alerts: one file a table group."""
