"""The words of the page, a file a language."""
