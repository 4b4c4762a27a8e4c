"""The order of the rooms, as docs/DESIGN.md shows it to people."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def order_of_rooms() -> dict[str, list[str]]:
    """Return what stands in each hall, lowest first."""
    text = (ROOT / "docs" / "DESIGN.md").read_text(encoding="utf-8")
    _, _, after = text.partition("lowest first:\n\n```\n")
    table, _, _ = after.partition("```")
    order: dict[str, list[str]] = {}
    hall = ""
    for line in table.splitlines():
        words = line.split()
        hall = hall if line.startswith(" ") else words.pop(0)
        order.setdefault(hall, []).extend(words)
    return order
