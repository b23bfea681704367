"""Machine translation: number words from English to German, by rule and by a net."""
