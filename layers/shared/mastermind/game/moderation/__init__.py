"""Warnings and what they propose, and the audit log as moderators read it."""
