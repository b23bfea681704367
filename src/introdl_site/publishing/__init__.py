"""Publishing: what runs showed and what `src/` defines become snippets, by name."""
