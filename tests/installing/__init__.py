"""How a fresh machine comes by what the product and its tests need."""
