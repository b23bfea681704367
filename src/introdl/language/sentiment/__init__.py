"""Sentiment: a bag of words with a weight per word, and an LSTM that reads in order."""
