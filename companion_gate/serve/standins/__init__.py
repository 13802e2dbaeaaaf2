"""What stands in for the services that no emulator has: scripted, and never to be mistaken for the real ones."""
