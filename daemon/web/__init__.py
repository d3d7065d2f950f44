"""The web: the page and the API, on loopback only, for the owner of this machine."""
