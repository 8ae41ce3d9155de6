"""Called by the function outbox with the figures of a picture: draws it."""

from functions.pictures.drawing.draw import draw
from mastermind.entrypoints import pictures

handler = pictures.handler(draw)
