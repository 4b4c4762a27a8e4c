"""Every constant of the detector, and the detector with one of them changed.

A constant is a number, a pair of numbers or a square kernel that a module of ``device/sight`` binds to a name in capitals. Many
are imported by name, and tables are made of some, so that a change has to be there before the module runs: the source is
read, the numbers in it are replaced, and what comes out is run in a process that has not imported the detector.
"""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

ROOM: Final = "device.sight"
MODULES: Final = (
    "background",
    "blobs",
    "habit",
    "life",
    "motion",
    "outlines",
    "passers",
    "structure",
    "sway",
    "texture",
    "view",
)
NOT_TRADED: Final = frozenset(
    ("blobs.PARTS", "habit.PARTS", "life.PARTS", "structure.NEUTRAL", "structure.LEAST_PX", "structure.MOST_PX")
)  # fmt: skip
"""What is a unit, or what the arrays' types and sizes leave no choice about."""


def constants() -> list[str]:
    """Return the names of all constants, as MODULE.NAME, in the order of the sources."""
    folder = Path(__file__).parents[2] / "device" / "sight"
    return [
        f"{module}.{name}"
        for module in MODULES
        for statement in ast.parse((folder / f"{module}.py").read_text()).body
        for name, value in _bound(statement)
        if f"{module}.{name}" not in NOT_TRADED and _numbers(name, value)
    ]


def change(constant: str, factor: float) -> None:
    """Have the detector, of which nothing is imported yet, run with ``factor`` times a constant.

    Whole numbers stay whole and kernels odd, and change by one step at least.

    Raises:
        RuntimeError: some of it was imported already.
    """
    if any(name.startswith(ROOM) for name in sys.modules):
        raise RuntimeError("the detector was imported already")
    module, name = constant.split(".")
    sys.meta_path.insert(0, _Finder(f"{ROOM}.{module}", name, factor))


def _bound(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    """Return names in capitals, and what is bound to each, of one statement."""
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets: list[tuple[ast.expr, ast.expr]] = [(statement.target, statement.value)]
    elif isinstance(statement, ast.Assign):
        target, value = statement.targets[0], statement.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            targets = list(zip(target.elts, value.elts, strict=True))
        else:
            targets = [(target, value)]
    else:
        return []
    return [
        (target.id, value)
        for target, value in targets
        if isinstance(target, ast.Name) and target.id.isupper()
    ]


def _numbers(name: str, value: ast.expr) -> list[ast.Constant]:
    """Return the numbers in a constant's value; a kernel's are its sides."""
    if name.startswith("_"):
        shape = (
            value.args[0] if isinstance(value, ast.Call) and ast.unparse(value.func) == "np.ones" else None
        )
        return [side for side in getattr(shape, "elts", []) if isinstance(side, ast.Constant)]
    return [value] if isinstance(value, ast.Constant) and isinstance(value.value, int | float) else []


def _changed(number: float, factor: float, odd: bool) -> float:
    if isinstance(number, float):
        return number * factor
    step = 2 if odd else 1
    near = round((number * factor - number) / step) * step
    return max(1, number + (near or (step if factor > 1 else -step)))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, module: str, name: str, factor: float) -> None:
        self._module, self._name, self._factor = module, name, factor

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        found = (
            importlib.machinery.PathFinder.find_spec(fullname, path, target)
            if fullname == self._module
            else None
        )
        if found is not None and found.origin is not None:
            found.loader = _Loader(fullname, found.origin, self._name, self._factor)
        return found


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, name: str, factor: float) -> None:
        super().__init__(fullname, path)
        self._name, self._factor = name, factor

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the changed source, never what was compiled and kept before."""
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path))
        for number, is_side in [
            (number, name.startswith("_"))
            for statement in tree.body
            for name, value in _bound(statement)
            if name == self._name
            for number in _numbers(name, value)
        ]:
            number.value = _changed(number.value, self._factor, is_side)
        code: CodeType = compile(tree, path, "exec")
        return code


def _main() -> None:
    """Print as JSON what the detector makes of a folder of frames, with a constant times a factor: FOLDER [CONSTANT FACTOR]."""
    folder, *changed = sys.argv[1:]
    if changed:
        change(changed[0], float(changed[1]))
    import cv2

    from bench.motion.sensitivity import figures

    cv2.setNumThreads(1)
    print(json.dumps(figures(Path(folder))))


if __name__ == "__main__":
    _main()
