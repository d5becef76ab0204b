"""Facts about images, host paths and file patterns, loaded when first asked for."""
