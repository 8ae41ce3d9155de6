"""The fields of modals (Components V2); each raises LimitError beyond what Discord allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.discord import limits
from mastermind.discord.components import Select, SelectOption, Text, check_custom_id, check_options, check_span
from mastermind.discord.limits import check_at_most, check_between, check_size
from mastermind.errors import LimitError

if TYPE_CHECKING:
    from mastermind.json_types import Json


@dataclass(frozen=True, slots=True)
class TextInput:
    """A field to write in: one line, or several (`long`); lengths in characters."""

    custom_id: str
    long: bool = False
    min_length: int = 0
    max_length: int = limits.TEXT_INPUT
    required: bool = True
    value: str = ""
    placeholder: str = ""

    def __post_init__(self) -> None:
        check_custom_id(self.custom_id)
        check_between("a text input's max_length", self.max_length, 1, limits.TEXT_INPUT)
        check_between("a text input's min_length", self.min_length, 0, self.max_length)
        check_at_most("a text input's value", self.value, self.max_length)
        check_at_most("a text input's placeholder", self.placeholder, limits.TEXT_INPUT_PLACEHOLDER)

    def json(self) -> Json:
        shown: Json = {
            "type": 4,
            "custom_id": self.custom_id,
            "style": 2 if self.long else 1,
            "min_length": self.min_length,
            "max_length": self.max_length,
            "required": self.required,
        }
        if self.value:
            shown["value"] = self.value
        if self.placeholder:
            shown["placeholder"] = self.placeholder
        return shown


@dataclass(frozen=True, slots=True)
class RadioGroup:
    """Two to ten options of which one is chosen."""

    custom_id: str
    options: tuple[SelectOption, ...]
    required: bool = True

    def __post_init__(self) -> None:
        check_custom_id(self.custom_id)
        check_options("a radio group", self.options, 2, limits.RADIO_OPTIONS)
        if sum(option.default for option in self.options) > 1:
            raise LimitError("a radio group has one default at most")

    def json(self) -> Json:
        return {
            "type": 21,
            "custom_id": self.custom_id,
            "options": [option.json() for option in self.options],
            "required": self.required,
        }


@dataclass(frozen=True, slots=True)
class CheckboxGroup:
    """One to ten options of which several may be chosen."""

    custom_id: str
    options: tuple[SelectOption, ...]
    min_values: int = 0
    max_values: int = 1
    required: bool = False

    def __post_init__(self) -> None:
        check_custom_id(self.custom_id)
        check_options("a checkbox group", self.options, 1, limits.CHECKBOX_OPTIONS)
        check_span("a checkbox group", self.options, self.min_values, self.max_values)
        if self.required and not self.min_values:
            raise LimitError("a required checkbox group needs min_values of 1 at least")

    def json(self) -> Json:
        return {
            "type": 22,
            "custom_id": self.custom_id,
            "options": [option.json() for option in self.options],
            "min_values": self.min_values,
            "max_values": self.max_values,
            "required": self.required,
        }


@dataclass(frozen=True, slots=True)
class Checkbox:
    """A single box to tick."""

    custom_id: str
    default: bool = False

    def __post_init__(self) -> None:
        check_custom_id(self.custom_id)

    def json(self) -> Json:
        return {"type": 23, "custom_id": self.custom_id, "default": self.default}


type Field = TextInput | Select | RadioGroup | CheckboxGroup | Checkbox


@dataclass(frozen=True, slots=True)
class Label:
    """A field of a modal with its name (45 characters) and a line of explanation (100)."""

    label: str
    part: Field
    description: str = ""

    def __post_init__(self) -> None:
        check_size("a label", self.label, limits.LABEL)
        check_at_most("a label's description", self.description, limits.LABEL_DESCRIPTION)

    def json(self) -> Json:
        shown: Json = {"type": 18, "label": self.label, "component": self.part.json()}
        if self.description:
            shown["description"] = self.description
        return shown


type ModalPart = Label | Text
