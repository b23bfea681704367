"""Deep Learning, Executed: the code that the course teaches, one module a lesson."""
