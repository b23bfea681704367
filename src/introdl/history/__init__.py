"""History: each original idea re-run, from the 1943 neuron to deep belief nets."""
