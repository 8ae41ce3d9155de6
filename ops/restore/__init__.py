"""`ops restore`, and the parts of `ops restore-drill`."""
