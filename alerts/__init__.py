"""Alerts: rules are judged where data is stored; people are told by an outbox; who acknowledged is a row."""
