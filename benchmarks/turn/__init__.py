"""What a turn costs in time: alone, and under load."""
