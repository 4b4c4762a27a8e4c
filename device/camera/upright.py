"""Pictures turned as their file says that they are to be seen: a camera that hangs sideways writes it into the container.

Source: ISO/IEC 14496-12, 6.2.2 and 8.3.2 (the matrix of a track).
"""

import struct
from typing import Final, cast

from av.filter import Graph
from av.video.frame import VideoFrame

# (a, b, c, d) of a matrix that sends x to a x + c y, and y to b x + d y, and the filters that do so.
_FILTERS: Final = {
    (-1, 0, 0, -1): (("hflip", ""), ("vflip", "")),
    (-1, 0, 0, 1): (("hflip", ""),),
    (1, 0, 0, -1): (("vflip", ""),),
    (0, 1, -1, 0): (("transpose", "clock"),),
    (0, -1, 1, 0): (("transpose", "cclock"),),
    (0, 1, 1, 0): (("transpose", "cclock_flip"),),
    (0, -1, -1, 0): (("transpose", "clock_flip"),),
}
_Form = tuple[tuple[int, int, int, int], int, int, str]


class Upright:
    """Turns pictures by quarters and mirrors them; one that hangs askew stays as it is."""

    def __init__(self) -> None:
        self._form: _Form | None = None
        self._graph: Graph | None = None

    def turn(self, picture: VideoFrame) -> VideoFrame:
        """Return the picture as it is to be seen."""
        signs = _signs(picture)
        if signs not in _FILTERS:
            return picture
        form = (signs, picture.width, picture.height, picture.format.name)
        if self._graph is None or form != self._form:
            self._form, self._graph = form, _graph(signs, picture)
        self._graph.push(picture)
        turned = self._graph.pull()
        if not isinstance(turned, VideoFrame):
            raise TypeError("a filter of pictures gave something else")
        return turned


def _signs(picture: VideoFrame) -> tuple[int, int, int, int]:
    matrix = picture.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return (1, 0, 0, 1)
    a, b, _, c, d = struct.unpack_from("=5i", cast("bytes", matrix))
    return (_sign(a), _sign(b), _sign(c), _sign(d))


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _graph(signs: tuple[int, int, int, int], picture: VideoFrame) -> Graph:
    graph = Graph()
    nodes = [
        graph.add_buffer(
            width=picture.width, height=picture.height, format=picture.format, time_base=picture.time_base
        )
    ]
    nodes += [graph.add(name, setting) for name, setting in _FILTERS[signs]]
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    return graph
