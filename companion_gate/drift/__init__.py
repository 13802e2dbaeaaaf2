"""Safety drift: what a change makes weaker, stronger or just different."""
