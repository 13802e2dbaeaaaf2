"""The companion's Lambda functions: ``companion.<function>.handler``, one module each, and what they share."""
