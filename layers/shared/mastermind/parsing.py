"""JSON from another system, read by pydantic; its mistakes become one of our errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from mastermind import strict_json
from mastermind.errors import BadMessage

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def parse[T](adapter: TypeAdapter[T], body: str | bytes) -> T:
    """What the JSON says; raises BadMessage naming a repeated key, or every wrong field.

    It names no value: there may be a secret in it.
    """
    try:
        strict_json.loads(body)
        return adapter.validate_json(body)
    except ValidationError as error:
        raise BadMessage(mistakes(error)) from None
    except UnicodeError:
        raise BadMessage("it is no text in UTF-8") from None
    except ValueError as error:
        raise BadMessage(f"it is not JSON: {error}") from None


def mistakes(error: ValidationError) -> str:
    """Every wrong field with its problem, without its value."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(": ".join((".".join(map(str, one["loc"])) or "the whole", one["msg"])) for one in found)
