"""Trusted certificate authorities: Amazon's own for AWS's endpoints, elsewhere the system's.

Amazon's are five, and cost a thirteenth of the system's bundle of more than a hundred.
Source: "Amazon Trust Services Repository" (https://www.amazontrust.com/repository/).
"""

from __future__ import annotations

import logging
import ssl
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssl import SSLCertVerificationError, SSLContext

log = logging.getLogger(__name__)

AMAZON = Path(__file__).with_name("amazon-roots.pem")


class Trust:
    """The certificate authorities in the file `authorities`; without one, those of the system."""

    def __init__(self, authorities: Path | None = None) -> None:
        self._authorities = authorities
        self._context: SSLContext | None = None

    @property
    def context(self) -> SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._authorities)
        return self._context

    def widen(self, error: SSLCertVerificationError) -> bool:
        """Trust the system's authorities from now on, because of `error`; whether that is more than before."""
        if self._authorities is None:
            return False
        log.warning(
            "Amazon has other certificate authorities than this version knows: the system's are used from now on",
            extra={"reason": error.verify_message},
        )
        self._authorities = self._context = None
        return True


@cache
def of_system() -> Trust:
    return Trust()


@cache
def of_aws(bundle: str | None) -> Trust:
    """One for all connections of the process: those in the file `bundle`, else Amazon's."""
    return Trust(Path(bundle or AMAZON))
