"""What cannot be seen of somebody's models: named once, while the rest is recorded."""

from __future__ import annotations

from typing import ClassVar

from gandyn.core.errors import UsageError

__all__ = ["FailedError", "UnseenError", "UntoldError"]


class UnseenError(UsageError):
    """The discriminator's answers cannot be read.

    Attributes:
        why: in a few words, for a picture.
    """

    why: ClassVar[str] = "its answers are no responses"


class FailedError(UnseenError):
    """The discriminator raises something when it is asked."""

    why: ClassVar[str] = "it fails when asked"


class UntoldError(UnseenError):
    """The discriminator takes more than samples, and nobody knows what."""

    why: ClassVar[str] = "it takes more than samples"
