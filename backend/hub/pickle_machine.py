"""Follow the instructions of a pickle without executing them: names and storages only."""

import _compat_pickle
from collections.abc import Callable, Iterable
from pickletools import OpcodeInfo, markobject
from typing import Any, cast

# Instructions that push their argument.
_PLAIN = ("BININT", "BINUNICODE", "SHORT_BINUNICODE", "LONG1", "BINSTRING", "SHORT_BINSTRING")
_MARK = object()
_STORAGE_PARTS = 5


class Machine:
    """The state of a pickle machine. Values other than texts, numbers and tuples are None."""

    def __init__(self) -> None:
        self.globals: set[str] = set()
        self.opcodes: set[str] = set()
        self.storages: dict[object, tuple[str, int]] = {}
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._handlers: dict[str, Callable[[Any], None]] = {
            "GLOBAL": self._global,
            "INST": self._instance,
            "STACK_GLOBAL": self._stack_global,
            "PUT": self._put,
            "BINPUT": self._put,
            "LONG_BINPUT": self._put,
            "MEMOIZE": self._put,
            "GET": self._get,
            "BINGET": self._get,
            "LONG_BINGET": self._get,
            "TUPLE": self._tuple,
            "TUPLE1": lambda _: self._small_tuple(1),
            "TUPLE2": lambda _: self._small_tuple(2),
            "TUPLE3": lambda _: self._small_tuple(3),
            "BINPERSID": self._persistent,
        }

    def run(self, instructions: Iterable[tuple[OpcodeInfo, Any, int | None]]) -> None:
        """Follow all instructions. Raises ValueError if they are malformed."""
        for opcode, argument, _ in instructions:
            self.opcodes.add(opcode.name)
            self._step(opcode, argument)

    def _step(self, opcode: OpcodeInfo, argument: Any) -> None:
        name = opcode.name
        if handler := self._handlers.get(name):
            handler(argument)
        elif name.startswith(_PLAIN):
            self._stack.append(argument)
        else:
            self._generic(opcode)

    def _global(self, argument: str) -> None:
        self._push_name(*argument.split(" ", 1))

    def _instance(self, argument: str) -> None:
        self._pop_mark()
        self._push_name(*argument.split(" ", 1))

    def _stack_global(self, _: object) -> None:
        module, attribute = self._pop(2)
        self._push_name(str(module), str(attribute))

    def _put(self, argument: int | None) -> None:
        key = len(self._memo) if argument is None else int(argument)
        self._memo[key] = self._stack[-1] if self._stack else None

    def _get(self, argument: int) -> None:
        self._stack.append(self._memo.get(int(argument)))

    def _tuple(self, _: object) -> None:
        self._stack.append(tuple(self._pop_mark()))

    def _small_tuple(self, number: int) -> None:
        self._stack.append(tuple(self._pop(number)))

    def _persistent(self, _: object) -> None:
        self._storage(self._pop(1)[0])
        self._stack.append(None)

    def _generic(self, opcode: OpcodeInfo) -> None:
        if opcode.name == "MARK":
            self._stack.append(_MARK)
            return
        if markobject in opcode.stack_before:
            self._pop_mark()
            self._pop(opcode.stack_before.index(markobject))
        else:
            self._pop(len(opcode.stack_before))
        self._stack.extend(None for _ in opcode.stack_after)

    def _push_name(self, module: str, attribute: str) -> None:
        name = _renamed(module, attribute)
        self.globals.add(name)
        self._stack.append(name)

    def _storage(self, named: object) -> None:
        """Note a storage of torch: `("storage", class, key, device, number of elements, …)`."""
        if not isinstance(named, tuple) or len(cast("tuple[object, ...]", named)) < _STORAGE_PARTS:
            return
        kind, storage, key, _, number = cast("tuple[object, ...]", named)[:_STORAGE_PARTS]
        if kind not in {"storage", b"storage"} or not isinstance(key, str | bytes):
            return
        if isinstance(storage, str) and isinstance(number, int) and number >= 0:
            self.storages[key] = (storage, number)

    def _pop(self, number: int) -> list[Any]:
        if number > len(self._stack):
            message = "the stack of the pickle is empty"
            raise ValueError(message)
        taken = self._stack[len(self._stack) - number :]
        del self._stack[len(self._stack) - number :]
        return taken

    def _pop_mark(self) -> list[Any]:
        for index in range(len(self._stack) - 1, -1, -1):
            if self._stack[index] is _MARK:
                taken = self._stack[index + 1 :]
                del self._stack[index:]
                return taken
        message = "the pickle has no mark"
        raise ValueError(message)


def _renamed(module: str, attribute: str) -> str:
    """The name in Python 3 of a global that Python 2 or protocol 2 wrote, as torch does it."""
    if (module, attribute) in _compat_pickle.NAME_MAPPING:
        module, attribute = _compat_pickle.NAME_MAPPING[module, attribute]
    elif module in _compat_pickle.IMPORT_MAPPING:
        module = _compat_pickle.IMPORT_MAPPING[module]
    return f"{module}.{attribute}"
