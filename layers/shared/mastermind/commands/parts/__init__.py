"""Cards and forms that several commands share."""
