"""What can go wrong in the web process: at its start, told to the owner; on a request, told to the browser."""

from collections.abc import Mapping


class ServerError(Exception):
    """The world's fault, not the program's.

    Attributes:
        hint: what the owner can do about it; one sentence, lower case, no full stop. Empty if nothing helps.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Refused(ServerError, PermissionError):
    """A request that gets no more than a code and a sentence.

    Attributes:
        status: HTTP status code.
        code: one word for programs.
        sentence: for people.
        headers: of the answer, besides those that every answer has.
    """

    def __init__(
        self, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.headers = dict(headers or {})
