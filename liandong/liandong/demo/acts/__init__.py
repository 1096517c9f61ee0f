"""The acts of the story, in the order of the plan's steps."""
