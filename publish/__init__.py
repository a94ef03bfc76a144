"""What people and machines take away: one file, one format."""
