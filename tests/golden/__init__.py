"""Invitation mails in the manner of four vendors, and what is read of each."""
