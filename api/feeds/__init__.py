"""What goes out by itself: the event feed, and those who are told of it."""
