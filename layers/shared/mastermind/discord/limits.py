"""Discord's limits by name, and checks against them."""

from __future__ import annotations

from mastermind.errors import LimitError

# Flags of a message.
EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15

# Components.
CUSTOM_ID = 100
COMPONENTS = 40  # of one message, counting nested ones
ROW_BUTTONS = 5
SECTION_TEXTS = 3
GALLERY_ITEMS = 10
BUTTON_LABEL = 80  # Discord's; 34 fit on a narrow phone
BUTTON_LABEL_READS_WELL = 34
URL = 512  # of a link button
MEDIA_URL = 2048
MEDIA_DESCRIPTION = 1024
TEXT = 4000  # characters of one text, and of all texts of a message together
MESSAGE_BYTES = 9000  # UTF-8; a little above 10 000 Discord answers 500
ACCENT_COLOR = 0xFFFFFF
INLINE_FILES = 120_000  # bytes of files in an answer itself; from about 150 kB on Discord drops it
SELECT_OPTIONS = 25
SELECT_PLACEHOLDER = 150
OPTION_LABEL = 100
OPTION_VALUE = 100
OPTION_DESCRIPTION = 100

# Modals.
MODAL_TITLE = 45
MODAL_PARTS = 5
LABEL = 45
LABEL_DESCRIPTION = 100
TEXT_INPUT = 4000
TEXT_INPUT_PLACEHOLDER = 100
RADIO_OPTIONS = 10  # at least 2
CHECKBOX_OPTIONS = 10

# Autocomplete.
CHOICES = 25
CHOICE_NAME = 100
CHOICE_VALUE = 100

# Classic messages.
CONTENT = 2000
EMBEDS = 10
EMBED_TITLE = 256
EMBED_DESCRIPTION = 4096
EMBED_FIELDS = 25
EMBED_FIELD_NAME = 256
EMBED_FIELD_VALUE = 1024
EMBED_FOOTER = 2048
EMBED_AUTHOR = 256
EMBEDS_TOTAL = 6000
CLASSIC_ROWS = 5

# Commands.
COMMANDS = 100
COMMAND_NAME = 32
COMMAND_DESCRIPTION = 100
COMMAND_OPTIONS = 25
COMMAND_CHOICES = 25
COMMAND_TOTAL = 8000  # names, descriptions and values of one command together


def check_between(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise LimitError(f"{what}: {value} is not within {low} to {high}")


def check_at_most(what: str, text: str, size: int) -> None:
    if len(text) > size:
        raise LimitError(f"{what}: {len(text)} characters, {size} are allowed")


def check_size(what: str, text: str, size: int) -> None:
    if not text.strip():
        raise LimitError(f"{what} must not be empty")
    check_at_most(what, text, size)
