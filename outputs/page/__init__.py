"""The page: what the owner's browser shows, as HTML made of views; nothing here reads a database or knows a request."""
