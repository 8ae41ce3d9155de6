"""Draws the pictures: figures become SVG here, and resvg makes PNG of it."""
