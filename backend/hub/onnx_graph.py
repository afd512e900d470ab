"""Read the structure of an ONNX file: inputs, operator domains and external data, no tensors.

An ONNX file is a protocol buffer (github.com/onnx/onnx, onnx/onnx.proto). The control plane reads
only its field headers, without the onnx library, since a model of the Hub must not be parsed as a
whole before it is accepted. The start of a file is enough for the operators, which come first.
"""

import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from backend.errors.model import CorruptModel

_LENGTH = 2  # wire type of a field with a length before its content
_SIZES = {1: 8, 5: 4}
_DEEPEST = 32
_MOST_FIELDS = 3_000_000
# Domains whose operators are part of ONNX Runtime.
_BUILT_IN = frozenset(
    {"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc"}
)


class _Ended(Exception):
    """The known part of the file ends here."""


@dataclass(kw_only=True)
class OnnxGraph:
    """`inputs` without those that have a default value; `locations` are names of data files.

    If not `is_complete`, only the start of the file was read, and all of them may lack entries.
    """

    inputs: list[str] = field(default_factory=list[str])
    initializers: set[str] = field(default_factory=set[str])
    domains: set[str] = field(default_factory=set[str])
    functions: set[str] = field(default_factory=set[str])
    locations: set[str] = field(default_factory=set[str])
    is_complete: bool = False

    @property
    def required_inputs(self) -> list[str]:
        """Old exporters list the weights as inputs, too."""
        return [name for name in self.inputs if name not in self.initializers]

    @property
    def custom_domains(self) -> list[str]:
        """Domains with operators that neither ONNX Runtime nor the file itself defines.

        Functions of the file come last; PyTorch names their domains `pkg.…`.
        """
        unknown = self.domains - _BUILT_IN - self.functions
        if not self.is_complete:
            unknown = {domain for domain in unknown if not domain.startswith("pkg.")}
        return sorted(unknown)


def read_graph(data: "bytes | mmap.mmap", size: int, name: str) -> OnnxGraph:
    """The structure of a file of `size` bytes, of which `data` is the start or all.

    Raises CorruptModel if it is not an ONNX file, or is truncated.
    """
    parser = _Parser(data, name)
    try:
        parser.message(0, size, parser.model)
        parser.graph.is_complete = True
    except _Ended:
        pass
    if not parser.has_graph:
        raise CorruptModel(f"{name!r} is not an ONNX model.")
    return parser.graph


Field = tuple[int, int, int, int]  # number, wire type, first byte, byte after the last
Visit = Callable[[Field], None]


class _Parser:
    """Walks the messages; each method below `message` reads the fields of one message type."""

    def __init__(self, data: "bytes | mmap.mmap", name: str) -> None:
        self._data = data
        self._name = name
        self._depth = 0
        self._count = 0
        self.has_graph = False
        self.graph = OnnxGraph()

    def message(self, first: int, end: int, visit: Visit) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._corrupt()
        for entry in self._fields(first, end):
            visit(entry)
        self._depth -= 1

    def model(self, entry: Field) -> None:
        """ModelProto."""
        number, wire, first, end = entry
        if wire == _LENGTH and number == 7:
            self.has_graph = True
            self.message(first, end, self._top_graph)
        elif wire == _LENGTH and number == 25:
            self.message(first, end, self._function)

    def _top_graph(self, entry: Field) -> None:
        """GraphProto of the model: its inputs are those of the model."""
        number, _, first, end = entry
        if number == 11:
            self.message(first, end, self._named(1, self.graph.inputs.append))
        self._graph(entry)

    def _graph(self, entry: Field) -> None:
        """GraphProto: nodes, initializers, sparse initializers."""
        number, _, first, end = entry
        if number == 1:
            self.message(first, end, self._node)
        elif number == 5:
            self.message(first, end, self._tensor)
        elif number == 15:
            self.message(first, end, self._sparse)

    def _function(self, entry: Field) -> None:
        """FunctionProto: its nodes, and its domain."""
        number, _, first, end = entry
        if number == 7:
            self.message(first, end, self._node)
        elif number == 10:
            self.graph.functions.add(self._text(first, end))

    def _node(self, entry: Field) -> None:
        """NodeProto: domain, and attributes with tensors or graphs."""
        number, _, first, end = entry
        if number == 7:
            self.graph.domains.add(self._text(first, end))
        elif number == 5:
            self.message(first, end, self._attribute)

    def _attribute(self, entry: Field) -> None:
        """AttributeProto."""
        number, wire, first, end = entry
        if wire != _LENGTH:
            return
        if number in {5, 10}:
            self.message(first, end, self._tensor)
        elif number in {6, 11}:
            self.message(first, end, self._graph)
        elif number in {22, 23}:
            self.message(first, end, self._sparse)

    def _sparse(self, entry: Field) -> None:
        """SparseTensorProto: values and indices are tensors."""
        number, _, first, end = entry
        if number in {1, 2}:
            self.message(first, end, self._tensor)

    def _tensor(self, entry: Field) -> None:
        """TensorProto: its name, and where its data is."""
        number, wire, first, end = entry
        if number == 8 and wire == _LENGTH:
            self.graph.initializers.add(self._text(first, end))
        elif number == 13 and wire == _LENGTH:
            pair: dict[int, str] = {}
            self.message(first, end, lambda one: pair.update({one[0]: self._text(*one[2:])}))
            if pair.get(1) == "location":
                self.graph.locations.add(pair.get(2, ""))

    def _named(self, wanted: int, take: Callable[[str], None]) -> Visit:
        def visit(entry: Field) -> None:
            number, wire, first, end = entry
            if number == wanted and wire == _LENGTH:
                take(self._text(first, end))

        return visit

    def _fields(self, place: int, end: int) -> Iterator[Field]:
        while place < end:
            self._count += 1
            tag, place = self._varint(place)
            number, wire = tag >> 3, tag & 7
            if wire == 0:
                _, stop = self._varint(place)
            elif wire == _LENGTH:
                length, place = self._varint(place)
                stop = place + length
            elif wire in _SIZES:
                stop = place + _SIZES[wire]
            else:
                raise self._corrupt()
            if number == 0 or stop > end or self._count > _MOST_FIELDS:
                raise self._corrupt()
            yield number, wire, place, stop
            place = stop

    def _varint(self, place: int) -> tuple[int, int]:
        value = 0
        for shift in range(0, 70, 7):
            if place >= len(self._data):
                raise _Ended
            byte = self._data[place]
            value |= (byte & 0x7F) << shift
            place += 1
            if byte < 0x80:
                return value, place
        raise self._corrupt()

    def _text(self, first: int, end: int) -> str:
        if end > len(self._data):
            raise _Ended
        return self._data[first:end].decode(errors="replace")

    def _corrupt(self) -> CorruptModel:
        return CorruptModel(f"{self._name!r} is not an ONNX model, or is truncated.")
