"""Nothing is set up here: the companion-gate plugin is installed with the project and on by its entry point."""
