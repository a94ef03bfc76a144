"""How figures come about: from records, from observations, from other indicators."""
