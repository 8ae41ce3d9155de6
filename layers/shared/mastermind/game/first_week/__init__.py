"""The first week: what is explained to a member when it first happens, once."""
