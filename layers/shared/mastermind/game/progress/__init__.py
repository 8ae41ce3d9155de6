"""A member's last days, one by one."""
