"""Reading files: text, YAML, Turtle and other RDF, with the place of whatever is wrong in them."""
