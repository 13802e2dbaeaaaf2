"""Event source mappings: what invokes a function because something lies in a queue or a stream."""
