"""What the door's logic needs of the world: lines that tell of edges, a relay, something that plays."""

from typing import Protocol

from device.door.button import Edge


class InputLine(Protocol):
    """A button's line."""

    @property
    def descriptor(self) -> int:
        """What is ready to be read when edges wait."""
        ...

    def is_pressed(self) -> bool:
        """Return how it is now.

        Raises:
            DoorError: it cannot be told.
        """
        ...

    def edges(self) -> list[Edge]:
        """Return the edges that wait, the oldest first; it does not wait for any.

        Raises:
            DoorError: there is no such line any more.
        """
        ...

    def close(self) -> None:
        """Give the line back."""
        ...


class OutputLine(Protocol):
    """A relay's line."""

    def switch(self, *, on: bool) -> None:
        """Switch it.

        Raises:
            DoorError: it did not follow.
        """
        ...

    def close(self) -> None:
        """Switch it off and give it back."""
        ...


class Plays(Protocol):
    """What plays one sound."""

    def play(self) -> None:
        """Begin.

        Raises:
            DoorError: it could not.
        """
        ...

    def hush(self) -> None:
        """Be silent now."""
        ...

    def ended(self, *, overdue: bool) -> bool:
        """Return whether it is over; ``overdue`` is whether it should be, and then it is ended.

        Raises:
            DoorError: it was not heard.
        """
        ...

    def close(self) -> None:
        """End."""
        ...


class Speaks(Protocol):
    """What plays a voice while it is spoken."""

    @property
    def descriptor(self) -> int | None:
        """What is ready to be written when there is room; None while nobody talks."""
        ...

    def begin(self) -> None:
        """Begin.

        Raises:
            DoorError: it could not.
        """
        ...

    def write(self, sound: bytes) -> bool:
        """Hand over a moment; False if there is no room for it just now."""
        ...

    def finish(self) -> None:
        """Nothing more is written."""
        ...

    def ended(self, *, overdue: bool) -> bool:
        """Return whether nothing plays any more; ``overdue`` is whether it should not, and then it is ended.

        Raises:
            DoorError: it was not heard.
        """
        ...

    def close(self) -> None:
        """End."""
        ...
