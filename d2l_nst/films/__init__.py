"""Films read and written, frame by frame: never all of one in memory."""
