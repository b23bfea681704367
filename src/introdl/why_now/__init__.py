"""Why now: data, hardware and software, and what each adds when it is measured."""
