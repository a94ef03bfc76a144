"""Dash pages: one file, one page; a file that begins with `_` is a part of pages, not a page."""
