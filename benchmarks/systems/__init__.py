"""The field's own systems, as recipes that one script runs and one scorer scores."""
