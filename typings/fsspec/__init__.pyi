"""What we use of fsspec, which brings no types."""
