"""Draws the pictures: turns figures into SVG, which resvg renders to PNG."""
