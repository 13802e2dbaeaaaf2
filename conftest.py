"""The companion-gate plugin is installed with the project and switched on by its entry point; nothing else is needed."""
