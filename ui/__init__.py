"""The pages and the HTTP interfaces through which people and programs ask."""
