"""Real-time translation: number words from English to German, said before the number has ended."""
