"""What makes one plan better than another: one goal a file."""
