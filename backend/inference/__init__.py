"""The model server, its own process; torch lives here."""
