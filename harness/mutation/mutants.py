"""The mutants of a module: its source with one small change each."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitOr: ast.BitAnd}
_CONNECTIVES: dict[type[ast.boolop], type[ast.boolop]] = {ast.And: ast.Or, ast.Or: ast.And}


Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True)
class Mutant:
    """One change: in which file and function, at which line, what became what; source: of the whole changed module."""

    file: str
    function: str
    line: int
    before: str
    after: str
    source: str
    number: int = 1

    @property
    def id(self) -> str:
        """What names this mutant as long as the line itself is not rewritten."""
        again = f" #{self.number}" if self.number > 1 else ""
        return f"{self.file} {self.function}: {self.before} → {self.after}{again}"


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of the module *file*; only code that runs in functions and classes is changed."""
    tree = ast.parse(source)
    seen: Counter[str] = Counter()
    for function, path in _places(tree):
        node = _at(tree, path)
        for changed in _changes(node):
            mutant = Mutant(
                file=file,
                function=function,
                line=getattr(node, "lineno", 0),
                before=_text(node),
                after=_text(changed),
                source=_with(tree, path, changed),
            )
            seen[mutant.id] += 1
            yield replace(mutant, number=seen[mutant.id])


Path = tuple[tuple[str, int | None], ...]


def _places(tree: ast.Module) -> Iterator[tuple[str, Path]]:
    """Yield each place in the tree that may be changed, with the name of the function or class around it."""
    for index, node in enumerate(tree.body):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield from _below(node, (("body", index),), node.name)


def _below(node: ast.AST, path: Path, function: str) -> Iterator[tuple[str, Path]]:
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases", "keywords"} and not isinstance(node, ast.Call):
            continue
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST) or _is_description(child):
                continue
            step: Path = (*path, (name, index if isinstance(value, list) else None))
            yield function, step
            inner = getattr(child, "name", None) if isinstance(child, (ast.FunctionDef, ast.ClassDef)) else None
            yield from _below(child, step, f"{function}.{inner}" if inner else function)


def _is_description(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what *node* may become."""
    if isinstance(node, ast.expr):
        yield from _changed_expressions(node)
    elif isinstance(node, ast.stmt):
        yield from _changed_statements(node)


def _changed_expressions(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        yield _like(node, ops=[_COMPARISONS[type(node.ops[0])](), *node.ops[1:]])
    elif isinstance(node, ast.BoolOp):
        yield _like(node, op=_CONNECTIVES[type(node.op)]())
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        yield _like(node, op=_OPERATORS[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)


def _changed_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    if isinstance(node, (ast.Expr, ast.Raise, ast.AugAssign, ast.Delete)):
        yield ast.Pass()
    elif isinstance(node, ast.Return) and node.value is not None and not _is_nothing(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.If) and not isinstance(node.test, (ast.Compare, ast.UnaryOp)):
        yield _like(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.While) and not isinstance(node.test, ast.Constant):
        yield _like(node, test=ast.Constant(False))
    elif isinstance(node, ast.Try) and node.finalbody and node.handlers:
        yield _like(node, handlers=[])


def _is_nothing(value: ast.expr) -> bool:
    """Tell whether None in the place of *value* would be the same to every caller who asks whether it is true."""
    return isinstance(value, ast.Constant) and value.value in (None, False)


def _like(node: Node, **fields: object) -> Node:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _at(tree: ast.AST, path: Path) -> ast.AST:
    node = tree
    for name, index in path:
        value = getattr(node, name)
        node = value if index is None else value[index]
    return node


def _with(tree: ast.Module, path: Path, changed: ast.AST) -> str:
    """Return the source of *tree* with *changed* at *path*."""
    whole = copy.deepcopy(tree)
    *way, (name, index) = path
    parent = _at(whole, tuple(way))
    if index is None:
        setattr(parent, name, changed)
    else:
        getattr(parent, name)[index] = changed
    return ast.unparse(ast.fix_missing_locations(whole))


def _text(node: ast.AST) -> str:
    """Return the first line of *node* as source."""
    return ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).splitlines()[0]
