"""The rules of the house, each a function from modules to breaches."""
