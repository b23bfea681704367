"""The small MkDocs plugin that executes the course's examples and publishes what they show."""
