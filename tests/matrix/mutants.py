"""Ways to break the rules, one at a time: each line of the policy, each clause of who sees what.

Functions are mutated in their source: every condition, every argument of `and_`, `or_` and `where`, and every member
of a tuple is taken away in turn. A clause that is added to them is a mutant more by itself.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FunctionType
from typing import Any
from unittest import mock

from sqlalchemy import true

from api import ledger
from api.domain import policy
from api.domain.policy import POLICY, Predicate
from api.feeds import questions
from api.kit import embed, references, statements, upsert, writing
from api.kit.lists import ListReader
from api.models import RESOURCES, Challenge, Resource, party, visible
from api.models.party import Party
from api.services import lineage
from schemas.vocabulary import Role
from tests.matrix.world import World

Change = Callable[[World, ExitStack], None]


@dataclass(frozen=True)
class Mutant:
    """A broken rule: what is broken, and how to break it until the stack is closed."""

    name: str
    change: Change
    about: str = ""
    """The permission or the kind of record it concerns; nothing if all."""

    def __str__(self) -> str:
        return self.name

    @contextmanager
    def at_large(self, world: Any) -> Iterator[None]:
        with ExitStack() as stack:
            stack.callback(_forget, world)
            self.change(world, stack)
            _forget(world)
            yield


def _forget(world: Any) -> None:
    """Statements and answers are kept for as long as the rules do not change."""
    for kept in (
        statements.page, statements.count, statements.few, statements.one, embed._many, embed._naming,
        references._among, upsert._found, party._values, questions.question,
    ):  # fmt: skip
        kept.cache_clear()
    world.app.extensions["copi"].memory.clear()


def _patched(*args: Any, **options: Any) -> Change:
    return lambda world, stack: stack.enter_context(mock.patch.object(*args, **options)) and None


# --- The policy ---------------------------------------------------------------------------------------------

OF_ACCESS = ("client", "user", "webhook", "search", "import", "import_profile")
ANYONE = Predicate(lambda actor, subject: not actor.anonymous, policy.copi_admin.words)


def policies(of_access: bool = False) -> Iterator[Mutant]:
    """Of what is about records, or about accounts and programs."""
    for permission, row in [one for one in POLICY.items() if (one[0].split(":")[0] in OF_ACCESS) == of_access]:
        yield Mutant(f"{permission}: row deleted", _without(permission), permission)
        yield Mutant(f"{permission}: anyone logged in", _row(permission, (ANYONE,)), permission)
        for place, predicate in enumerate(row):
            said = predicate.words.en
            rest = row[:place] + row[place + 1 :]
            yield Mutant(f"{permission}: not {said}", _row(permission, rest), permission)
            for other in _other_roles(predicate):
                changed = (*row[:place], other, *row[place + 1 :])
                yield Mutant(f"{permission}: {said} becomes {other.words.en}", _row(permission, changed), permission)


def _row(permission: str, row: Sequence[Predicate]) -> Change:
    return lambda world, stack: stack.enter_context(mock.patch.dict(POLICY, {permission: tuple(row)})) and None


def _without(permission: str) -> Change:
    def change(world: World, stack: ExitStack) -> None:
        stack.enter_context(mock.patch.dict(POLICY))
        del POLICY[permission]

    return change


def _other_roles(predicate: Predicate) -> Iterator[Predicate]:
    """The same people, asked for one rank less or one more."""
    held = inspect.getclosurevars(predicate.holds).nonlocals
    if "roles" not in held:
        return
    ranks = [frozenset(Role), frozenset({Role.EDITOR, Role.MANAGER}), frozenset({Role.MANAGER})]
    for roles in ranks:
        if roles != held["roles"]:
            words = f"{'/'.join(sorted(roles))} of {held['party']}"
            yield policy._role(held["party"], roles, words, words)


# --- Who sees what ------------------------------------------------------------------------------------------


def clauses() -> Iterator[Mutant]:
    """Every clause in the functions that decide who sees a row, and every place that asks them."""
    for module, function in (
        (visible, visible.reach_of), (visible, visible.visible_to), (visible, visible._in_circle),
        (visible, visible._with_parent), (visible, visible._has_a_stake), (visible, visible.parameters),
        (party, party.Party.clause), (party, party.Party.of), (party, party.Party._own), (party, party.Party._held),
        (party, party.Party._pointing),
        (party, party.PartyOfParent.clause), (party, party._values.__wrapped__),
    ):  # fmt: skip
        yield from _mutated(module, function, _Clauses)
    for module, function in (
        (writing, writing.load), (statements, statements.one.__wrapped__), (statements, statements._conditions),
        (embed, embed._many.__wrapped__), (embed, embed._naming.__wrapped__), (lineage, lineage._visible),
        (references, references._among.__wrapped__), (upsert, upsert._found.__wrapped__),
    ):  # fmt: skip
        yield from _mutated(module, function, _Uses)
    yield Mutant("_demand_parent: not asked", _patched(ListReader, "_demand_parent", lambda *_: None))


def feeds() -> Iterator[Mutant]:
    """Every clause by which the feed tells a reader of an event, or that a record is gone."""
    for function in (
        questions.question.__wrapped__, questions._seen, questions._in_reach,
        questions._holds, questions._same,
    ):  # fmt: skip
        yield from _mutated(questions, function, _Clauses)


def audiences() -> Iterator[Mutant]:
    """What a record's audience is worked out from, at every write."""
    from api.models import base

    seen_by: Any = Resource.__dict__["seen_by"]
    for mutant in _mutated(base, seen_by.fget, _Clauses):
        yield dataclasses.replace(mutant, change=_rendered(mutant.change, *RESOURCES))
    plain = property(seen_by.fget)
    yield Mutant("Challenge.seen_by: as of any record", _rendered(_patched(Challenge, "seen_by", plain), "challenge"))
    for kind, model in RESOURCES.items():
        published = model.lifecycle.published
        for state in type(model.lifecycle.initial):
            change = _rendered(_published(model, published ^ {state}), kind)
            name = f"{kind}: {state} {'un' if state in published else ''}published"
            yield Mutant(name, change, kind)


def parties() -> Iterator[Mutant]:
    """Each party of each resource, and each state in which its stake counts."""
    for kind, model in RESOURCES.items():
        for name, one in model.PARTIES.items():
            rest = {other: kept for other, kept in model.PARTIES.items() if other != name}
            yield Mutant(f"{kind}: no party {name}", _patched(model, "PARTIES", rest), kind)
            if isinstance(one, Party) and one.since:
                ever = {**model.PARTIES, name: dataclasses.replace(one, since=None)}
                yield Mutant(f"{kind}: party {name} ever since", _patched(model, "PARTIES", ever), kind)
            if not isinstance(one, Party) or not one.states:
                continue
            holder = RESOURCES[one.holder] if one.back and one.holder else model
            every = set(type(holder.lifecycle.initial))
            for states in (frozenset(every), *(one.states ^ {state} for state in sorted(every))):
                changed = {**model.PARTIES, name: dataclasses.replace(one, states=states)}
                said = ", ".join(sorted(states))
                yield Mutant(f"{kind}: party {name} in {said}", _patched(model, "PARTIES", changed), kind)
    real = Challenge.party
    yield Mutant(
        "challenge: every owner is trusted",
        _patched(Challenge, "party", lambda self, name: real(self, "owner" if name == "trusted" else name)),
        "challenge:publish",
    )


def _published(model: type[Resource], states: Any) -> Change:
    def change(world: World, stack: ExitStack) -> None:
        stack.callback(object.__setattr__, model.lifecycle, "published", model.lifecycle.published)
        object.__setattr__(model.lifecycle, "published", states)

    return change


def _rendered(change: Change, *kinds: str) -> Change:
    """The change, with the records as they would have been written under it; and as they were, afterwards."""

    def render(world: World) -> None:
        with world.database.writing() as session:
            for kind in kinds:
                list(ledger.render_anew(session, RESOURCES[kind]))

    def changed(world: World, stack: ExitStack) -> None:
        stack.callback(render, world)
        change(world, stack)
        render(world)

    return changed


# --- Mutating a function in its source ----------------------------------------------------------------------


class _Sites(ast.NodeTransformer):
    """Finds the places to mutate; with `wanted`, mutates that one."""

    def __init__(self, wanted: int | None = None) -> None:
        self.wanted, self.found = wanted, list[str]()

    def site(self, what: str, node: ast.AST) -> bool:
        self.found.append(f"{what} `{' '.join(ast.unparse(node).split())[:90]}`")
        return len(self.found) - 1 == self.wanted


TRUE = ast.parse("true()", mode="eval").body


class _Clauses(_Sites):
    def visit_If(self, node: ast.If) -> ast.AST:
        return self._decided(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self._decided(node)

    def _decided(self, node: Any) -> ast.AST:
        for always in (True, False):
            if self.site("always" if always else "never", node.test):
                node.test = ast.Constant(always)
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        for value in list(node.values):
            if self.site("without", value):
                node.values = [one for one in node.values if one is not value]
        self.generic_visit(node)
        return node.values[0] if len(node.values) == 1 else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("and_", "or_", "where"):
            for argument in list(node.args):
                if self.site("without", argument):
                    node.args = [one for one in node.args if one is not argument]
        self.generic_visit(node)
        if called in ("and_", "or_") and not node.args:
            return TRUE
        return node.func.value if called == "where" and not node.args else node  # type: ignore[attr-defined]

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        for element in list(node.elts):
            if self.site("without", element):
                node.elts = [one for one in node.elts if one is not element]
        return self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if isinstance(node.value, ast.Compare) and self.site("without", node.value):
            node.value = TRUE
        return self.generic_visit(node)


class _Uses(_Sites):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        if getattr(node.func, "id", "") == "visible_to" and self.site("without", node):
            return TRUE
        return self.generic_visit(node)


def _mutated(module: Any, function: Any, sites: type[_Sites]) -> Iterator[Mutant]:
    parsed = ast.parse(textwrap.dedent(inspect.getsource(function)))
    defined: Any = parsed.body[0]
    defined.decorator_list, defined.returns = [], None
    finder = sites()
    finder.visit(copy.deepcopy(parsed))
    for number, said in enumerate(finder.found):
        tree = ast.fix_missing_locations(sites(number).visit(copy.deepcopy(parsed)))
        yield Mutant(f"{function.__qualname__}: {said}", _recoded(module, function, tree))


def _recoded(module: Any, function: FunctionType, tree: ast.Module) -> Change:
    """The function itself with other code in it, so that whoever has imported it has the mutant."""
    scratch: dict[str, Any] = {**vars(module)}
    # Annotations are of no use here, and would be looked up.
    exec(compile("from __future__ import annotations\n" + ast.unparse(tree), module.__file__, "exec"), scratch)  # noqa: S102
    code = scratch[function.__name__].__code__

    def change(world: World, stack: ExitStack) -> None:
        stack.enter_context(mock.patch.object(module, "true", true, create=True))
        stack.callback(setattr, function, "__code__", function.__code__)
        function.__code__ = code

    return change
