"""Results kept from run to run, by the content of everything that they came from."""
