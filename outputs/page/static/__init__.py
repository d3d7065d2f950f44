"""What the page loads: a style sheet, a script, an icon; all of our own."""
