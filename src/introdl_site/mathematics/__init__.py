"""Mathematics: LaTeX becomes MathML, checked, in a font cut to what is used."""
