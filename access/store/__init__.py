"""Rows of accounts, sessions, tokens, locks and the audit."""
