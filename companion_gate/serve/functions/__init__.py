"""Lambda, as far as a companion needs it: execution environments in processes of their own."""
