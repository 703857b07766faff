"""What every resource's table has, and how a row becomes visible, searchable, sortable and filterable."""

from __future__ import annotations

import datetime as dt
import enum
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import uuid_utils
from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    inspect,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.schema import SchemaItem

from api.db import session
from api.domain.acting import origin
from api.domain.steps import Lifecycle
from api.models.party import Party, Stake
from schemas.base import Shape
from schemas.fields import rfc3339
from schemas.vocabulary import Visibility

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

new_id: Callable[[], str] = lambda: str(uuid_utils.uuid7())  # noqa: E731 - replaced as a whole for the examples
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
ByteOrder = String().with_variant(String(collation="C"), "postgresql")
"""Text that both engines sort alike: by bytes."""


class Utc(TypeDecorator[dt.datetime]):
    """A moment in UTC; SQLite, without such a type, keeps the API's own fixed-width text, which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        return rfc3339(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        return dt.datetime.fromisoformat(value) if isinstance(value, str) else value


Id = Annotated[str, mapped_column(Uuid(as_uuid=False))]
OwnId = Annotated[str, mapped_column(Uuid(as_uuid=False), primary_key=True, default=lambda: new_id())]  # noqa: PLW0108
"""A row's own id; `new_id` is looked up late, because the examples replace it."""
SortKey = Annotated[str, mapped_column(ByteOrder)]


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        # Terms are stored by code; a new term needs no migration.
        enum.Enum: Enum(
            enum.Enum, native_enum=False, length=40, values_callable=lambda terms: [str(term) for term in terms]
        ),
        dict[str, Any]: Json,
        list[str]: Json,
        list[dict[str, Any]]: Json,
        dt.datetime: Utc,
    }


class Audience(enum.StrEnum):
    """The widest circle that sees a record: worked out at every write from state, visibility and sandbox.

    In a sandbox there is nobody but its client; `SANDBOX_PUBLIC` is what it would see there without a scope to read.
    """

    PUBLIC = "public"
    NETWORK = "network"
    OWNERS = "owners"
    SANDBOX_PUBLIC = "sandbox_public"
    SANDBOX = "sandbox"


WITHDRAWN = "withdrawn"
"""The state in which a record has given its place up, in every lifecycle that has one."""

Facet = Callable[[Any], Iterable[str | None]]


class Resource(Base):
    """A record of one of the published resources.

    Its JSON document is rendered at every write (see `ledger`) and is what reads answer. Beside it stand, derived
    from the row at the same moment: the audience, the sort keys, the facets (values to filter by) and the words.
    """

    __abstract__ = True

    schema: ClassVar[Shape]
    lifecycle: ClassVar[Lifecycle]
    FACETS: ClassVar[Mapping[str, Facet]] = {}
    """Filters as they are named in an address, and the values a row answers to; `state` is one on every resource."""
    SORTS: ClassVar[Mapping[str, str]] = {"updated_at": "updated_at", "created_at": "created_at"}
    """Sort keys as they are named in an address, and the column behind each; none of them is ever null."""
    INDEXES: ClassVar[tuple[SchemaItem, ...]] = ()
    """Indexes besides those of the sort keys, and other constraints."""
    TEXTS: ClassVar[tuple[str, ...]] = ()
    """Columns whose words full-text search finds."""
    PARTIES: ClassVar[Mapping[str, Stake]] = {"owner": Party()}
    """The partners with a stake in a record; `owner` are those that answer for it."""
    PARENTS: ClassVar[tuple[str, ...]] = ()
    """The resources to one of which it belongs; nobody but its parties sees it without seeing that record too, which
    `<parent>_id` names."""
    ONCE: ClassVar[tuple[str, ...]] = ()
    """Columns that no two of its records have in common, unless one of them is withdrawn: then it can be made again."""
    facets: ClassVar[Table]
    _named: ClassVar[dict[str, type[Resource]]] = {}

    id: Mapped[OwnId]
    version: Mapped[int] = mapped_column(default=0)
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.PUBLIC)
    audience: Mapped[Audience]
    sandbox: Mapped[Id | None]
    """The test client whose record it is: never from a body, and never changed."""
    source: Mapped[dict[str, Any] | None]
    source_system: Mapped[str | None]
    source_id: Mapped[str | None]
    sources: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[dt.datetime] = mapped_column()
    updated_at: Mapped[dt.datetime] = mapped_column()
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    if TYPE_CHECKING:
        state: Any
        title: Any

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy hands the class
        # The ledger raises the version itself, because the document it renders must already hold it.
        return {"version_id_col": cls.version, "version_id_generator": False}

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        sorts = [Index(None, "audience", column, "id") for column in dict.fromkeys(cls.SORTS.values())]
        active = text(f"state <> '{WITHDRAWN}'")
        once = Index(f"uq_{cls.__tablename__}_active", *cls.ONCE, unique=True,
                     sqlite_where=active, postgresql_where=active) if cls.ONCE else None  # fmt: skip
        unique = UniqueConstraint("source_system", "source_id")
        return (unique, _in_a_sandbox(), *sorts, *([] if once is None else [once]), *cls.INDEXES)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._named[cls.__tablename__] = cls
        cls.FACETS = {"state": lambda record: [record.state], **cls.FACETS}
        cls.facets = Table(
            f"{cls.__tablename__}_facet",
            Base.metadata,
            Column("name", ByteOrder, primary_key=True),
            Column("value", ByteOrder, primary_key=True),
            Column("id", Uuid(as_uuid=False), ForeignKey(f"{cls.__tablename__}.id"), primary_key=True, index=True),
            sqlite_with_rowid=False,
        )

    @classmethod
    def named(cls, resource: str) -> type[Resource]:
        """The model of a resource; for what points at models that are imported later."""
        return cls._named[resource]

    @classmethod
    def all_resources(cls) -> Mapping[str, type[Resource]]:
        """Every resource by its name."""
        return cls._named

    @classmethod
    def parents(cls) -> Iterator[tuple[type[Resource], Any]]:
        """The kinds of record it can belong to, each with the column that names one."""
        return ((cls.named(name), getattr(cls, f"{name}_id")) for name in cls.PARENTS)

    @classmethod
    def fresh(cls, fields: Mapping[str, Any]) -> Self:
        """What these fields make a new record: in its first state and the sandbox of who writes; not stored."""
        record = cls(**{"state": cls.lifecycle.initial, "sandbox": origin.get().actor.sandbox, **fields})
        if parent := record.parent:
            record.sandbox = parent.sandbox
        record.complete()
        return record

    @classmethod
    def add(cls, fields: Mapping[str, Any]) -> Self:
        """A new record, part of the transaction at hand."""
        record = cls.fresh(fields)
        session().add(record)
        return record

    def change(self, fields: Mapping[str, Any]) -> Self:
        """Take over the fields that differ; when none does, the record stays at its version."""
        for name, value in fields.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
        return self

    def happened(self, event: str, reason: str | None = None) -> None:
        """Name the event this change is recorded as; `created` or `updated` when nobody does."""
        self.__dict__["_event"] = (event, reason)

    def complete(self) -> None:
        """Fill in what a new record takes from its neighbours when the caller leaves it out."""

    @property
    def called(self) -> dict[str, Any]:
        """What people call the record, in both languages."""
        return dict(self.title)

    def was(self, name: str) -> Any:
        """What a column said before the change that is about to be stored; None of a new record."""
        history = inspect(self).attrs[name].history
        return next(iter((*(history.deleted or ()), *(history.unchanged or ()))), None)

    def taken(self, step: str, fields: Mapping[str, Any]) -> None:
        """What a lifecycle step brings with it besides the new state."""

    def settle(self) -> None:
        """After a write of this record: bring up to date the records that count it."""

    def party(self, name: str) -> Collection[str]:
        """The partners that have this stake in the record."""
        return {partner for _, partner in self.PARTIES[name].of([self])}

    @property
    def parent(self) -> Resource | None:
        """The record it belongs to."""
        for name in self.PARENTS:
            if id := getattr(self, f"{name}_id"):
                return session().get_one(self.named(name), id)
        return None

    @property
    def circle(self) -> Audience:
        """The widest circle that sees the record as it now stands, the one it belongs to included."""
        parent = self.parent
        return max(self.audience, parent.circle, key=list(Audience).index) if parent else self.audience

    @property
    def test(self) -> bool:
        """Whether it is a record of a sandbox."""
        return self.sandbox is not None

    @property
    def seen_by(self) -> Audience:
        """The widest circle that may see the record as it now stands, were there no sandboxes."""
        if self.state not in self.lifecycle.published or self.visibility == Visibility.PRIVATE:
            return Audience.OWNERS
        return Audience.NETWORK if self.visibility == Visibility.NETWORK else Audience.PUBLIC

    def derive(self) -> None:
        """Work out the columns that follow from others."""
        self.audience = _kept_apart(self.seen_by) if self.test else self.seen_by
        self.source_system = system_in(self.source["system"], self.sandbox) if self.source else None
        self.source_id = self.source["external_id"] if self.source else None


def _in_a_sandbox() -> Index:
    """The way to the records of one sandbox, however many real ones there are."""
    inside = text("sandbox IS NOT NULL")
    return Index(None, "sandbox", sqlite_where=inside, postgresql_where=inside)


def _kept_apart(circle: Audience) -> Audience:
    return Audience.SANDBOX_PUBLIC if circle is Audience.PUBLIC else Audience.SANDBOX


def system_in(system: str, sandbox: str | None) -> str:
    """The system as it is unique: what a sandbox imports is in nobody's way. No system has a line break in its name."""
    return f"{sandbox}\n{system}" if sandbox else system


_DANISH = str.maketrans({"æ": "{0", "ø": "{1", "å": "{2", "ä": "{0", "ö": "{1", "é": "e", "è": "e", "ü": "y"})


def danish_key(text: str) -> str:
    """A key that sorts as Danish does: å (and aa) after ø after æ after z, case aside (Retskrivningsordbogen)."""
    return unicodedata.normalize("NFC", text).casefold().replace("aa", "å").translate(_DANISH)


def years(start: str | None, end: str | None = None) -> list[str]:
    """Every year from one partial date to another, both included; nothing when the first is not known."""
    if start is None:
        return []
    first = int(start[:4])
    return [f"{year:04}" for year in range(first, min(int((end or start)[:4]), first + 99) + 1)]
