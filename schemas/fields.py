"""The kinds of value that cross the wire: each one checks, and each one documents itself.

marshmallow's own fields are lenient (`Integer` takes "5" and truncates 5.7, `Boolean` takes "yes", `String` takes NUL)
and speak English only. These refuse what the contract does not say, and say why in Danish and English.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast
from urllib.parse import urlsplit

import marshmallow as ma

from schemas.names import EXAMPLE_IDS
from schemas.wording import Say

if TYPE_CHECKING:
    from schemas.vocabulary import Term

LARGEST = 10**15
"""Numbers beyond this lose digits in JSON clients that read every number as a double."""

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

# Control characters other than tab and line breaks; PostgreSQL cannot store NUL, and no reader wants the rest.
_PRINTABLE = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$"
# Whatever anything takes for the end of a line (`str.splitlines`): in the head of a mail it would be one.
ONE_LINE = r"^[^\u0000-\u001f\u007f\u0085\u2028\u2029]*$"
_INK = r"[^\u0000-\u0020\u007f\u0085\u2028\u2029]"
_WEB = r"^https?://[A-Za-z0-9\u00c0-\u024f._-]+(:[0-9]{1,5})?([/?#][^\s\u0000-\u001f\u007f]*)?$"
# Of a mailbox: what needs no quotation marks in the head of a mail (RFC 5322 section 3.2.3, RFC 6531), without the dot.
_ATOM = r"[^\s\u0000-\u0020\u007f-\u00a0()<>\[\]:;@,.\u0022\\]"
_MAILBOX = rf"^({_ATOM}|\.)+@{_ATOM}+(\.{_ATOM}+)+$"
_DAYS = (("(0[13578]|1[02])", "3[01]"), ("(0[469]|11)", "30"), ("02", ""))  # months, and their days after the 29th
_MONTHS = "|".join(f"{months}(-(0[1-9]|[12][0-9]{'|' + days if days else ''}))?" for months, days in _DAYS)
_PARTIAL_DATE = f"^[1-9][0-9]{{3}}(-({_MONTHS}))?$"
_SURROGATE = re.compile("[\ud800-\udfff]")


class Doc(Protocol):
    """What a field needs to know of the document it describes itself in (OpenAPI 3.1 or 3.0)."""

    def reference(self, schema: ma.Schema) -> dict[str, Any]: ...
    def vocabulary(self, terms: type[Term]) -> dict[str, Any]: ...
    def nullable(self, shape: dict[str, Any]) -> dict[str, Any]: ...
    def annotate(self, shape: dict[str, Any], description: str, example: Any) -> dict[str, Any]: ...


class Field(ma.fields.Field[Any]):
    """Base of every field: a description and an example are part of it, errors come in two languages.

    A field that is not `required` may be null or left out; that is said nowhere else.
    """

    default_error_messages: dict[str, Any] = {
        "required": Say("Skal udfyldes.", "This is required."),
        "null": Say("Må ikke være null.", "May not be null."),
        "validator_failed": Say("Værdien er ugyldig.", "The value is invalid."),
        "type": Say("Har en forkert type.", "Has the wrong type."),
    }
    #: JSON Schema of the bare value; a subclass overrides it or `shape`.
    json_schema: ClassVar[dict[str, Any]] = {}

    def __init__(
        self,
        description: str = "",
        *,
        example: Any = None,
        create_only: bool = False,
        required: bool = False,
        **options: Any,
    ) -> None:
        if not required:
            options.setdefault("allow_none", True)
            options.setdefault("load_default", None)
        super().__init__(required=required, **options)
        self.description = description
        self.example = example
        self.create_only = create_only

    def make_error(self, key: str, **facts: Any) -> ma.ValidationError:
        return ma.ValidationError([cast(Any, self.error_messages[key]).format(**facts)])

    def shape(self, doc: Doc) -> dict[str, Any]:
        """JSON Schema of a value that is present."""
        return dict(self.json_schema)

    def describe(self, doc: Doc) -> dict[str, Any]:
        """JSON Schema of the property: its shape, whether it may be null, its meaning and an example."""
        shape = self.shape(doc)
        return doc.annotate(doc.nullable(shape) if self.allow_none else shape, self.description, self.example)


class Text(Field):
    """A string of at most `max` characters, without control characters.

    `pattern` is ECMA 262 as in JSON Schema; `wrong` says in words what it asks for.
    """

    default_error_messages = {
        "string": Say("Skal være en tekst.", "Must be a string."),
        "long": Say("Må højst være {max} tegn.", "May be at most {max} characters."),
        "short": Say("Skal være mindst {min} tegn.", "Must be at least {min} characters."),
        "blank": Say("Må ikke være tom.", "May not be blank."),
        "characters": Say("Indeholder tegn, der ikke kan gemmes.", "Contains characters that cannot be stored."),
        "pattern": Say("{wrong}", "{wrong}"),
    }

    def __init__(
        self,
        description: str,
        *,
        max: int,
        min: int = 0,
        pattern: str | None = None,
        wrong: Say | None = None,
        format: str | None = None,
        lines: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(description, **options)
        self.max, self.min, self.format = max, min, format
        self.wrong = wrong or Say("Har ikke den rette form: {pattern}", "Does not have the form {pattern}")
        allowed = _PRINTABLE if lines else ONE_LINE
        not_blank = allowed.removesuffix("$") + _INK + allowed.removeprefix("^")
        self.pattern = pattern or (not_blank if min else allowed)
        self._plain = pattern is None
        self._matches = re.compile(self.pattern.removesuffix("$") + r"\Z").match

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("string")
        if len(value) > self.max:
            raise self.make_error("long", max=self.max)
        if _SURROGATE.search(value):
            raise self.make_error("characters")
        if self.min and not value.strip(" \t\r\n"):
            raise self.make_error("blank")
        if len(value) < self.min:
            raise self.make_error("short", min=self.min)
        if not self._matches(value):
            if self._plain:
                raise self.make_error("characters")
            raise self.make_error("pattern", wrong=self.wrong.format(pattern=self.pattern))
        return value

    def shape(self, doc: Doc) -> dict[str, Any]:
        limits = {"minLength": self.min} if self.min else {}
        form = {"format": self.format} if self.format else {}
        return {"type": "string", **form, **limits, "maxLength": self.max, "pattern": self.pattern}


class Url(Text):
    """An absolute http or https address."""

    default_error_messages = {
        "url": Say(
            "Skal være en adresse, der begynder med https:// eller http://.",
            "Must be an address that begins with https:// or http://.",
        ),
    }

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(
            description, max=2000, pattern=_WEB, format="uri", wrong=self.default_error_messages["url"], **options
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        text = super()._deserialize(value, attr, data, **rest)
        try:
            host = urlsplit(text).hostname
        except ValueError:
            host = None
        if not host:
            raise self.make_error("url")
        return text


class Email(Text):
    """A mailbox. Only the form is checked: whether anyone reads it, no pattern can tell."""

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(
            description,
            max=254,
            pattern=_MAILBOX,
            wrong=Say(
                'Skal være en mailadresse: navn@domæne, uden mellemrum og uden ( ) < > [ ] : ; , " \\',
                'Must be an e-mail address: name@domain, without spaces and without ( ) < > [ ] : ; , " \\',
            ),
            format="email",
            **options,
        )


class Password(Text):
    """A password as it is sent. Longer than one may be: a letter made of several code points counts once they are
    put together."""

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(description, max=512, min=1, format="password", **options)


class Personal(Text):
    """A text that tells about a person: a name, where somebody called from."""

    def shape(self, doc: Doc) -> dict[str, Any]:
        return {**super().shape(doc), "x-sensitivity": "personal"}


class Choice(Field):
    """One term of a closed list (a vocabulary)."""

    default_error_messages = {
        "choice": Say("Skal være en af: {choices}.", "Must be one of: {choices}."),
    }

    def __init__(self, terms: type[Term], description: str, **options: Any) -> None:
        super().__init__(description, **options)
        self.terms = terms
        self._by_code = {str(term): term for term in terms}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if not isinstance(value, str) or value not in self._by_code:
            raise self.make_error("choice", choices=", ".join(self._by_code))
        return self._by_code[value]

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return None if value is None else str(value)

    def shape(self, doc: Doc) -> dict[str, Any]:
        return doc.vocabulary(self.terms)


class Code(Text):
    """A code of a published classification, e.g. CPV; the service checks that the list knows it."""

    def __init__(self, scheme: str, description: str, *, pattern: str, max: int = 20, **options: Any) -> None:
        wrong = Say(f"Skal være en kode fra listen {scheme}.", f"Must be a code of the list {scheme}.")
        super().__init__(description, pattern=pattern, max=max, wrong=wrong, **options)
        self.scheme = scheme


class Ref(Text):
    """The id of another record; the service checks that the caller can see one."""

    def __init__(self, resource: str, description: str, **options: Any) -> None:
        options.setdefault("example", EXAMPLE_IDS[resource])
        super().__init__(
            description,
            max=36,
            pattern=UUID,
            format="uuid",
            wrong=Say("Skal være et id (UUID med små bogstaver).", "Must be an id (a UUID in lower case)."),
            **options,
        )
        self.resource = resource


class Id(Text):
    """The record's own id, a UUIDv7 (RFC 9562): ids sort by the time they were made."""

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(description, max=36, pattern=UUID, format="uuid", **options)


class PartialDate(Text):
    """A date known to the year, the month or the day: 2022, 2022-04, 2022-04-23 (ISO 8601)."""

    default_error_messages = {
        "date": Say("Datoen findes ikke i kalenderen.", "There is no such date in the calendar."),
    }

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(
            description,
            max=10,
            pattern=_PARTIAL_DATE,
            wrong=Say(
                "Skal være en dato som 2022, 2022-04 eller 2022-04-23.",
                "Must be a date such as 2022, 2022-04 or 2022-04-23.",
            ),
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **rest)
        try:
            dt.date.fromisoformat(text + "0001-01-01"[len(text) :])
        except ValueError as wrong:
            raise self.make_error("date") from wrong
        return text


class Moment(Field):
    """A point in time with its zone (RFC 3339), kept and answered in UTC."""

    default_error_messages = {
        "moment": Say(
            "Skal være et tidspunkt med tidszone som 2027-03-01T12:00:00Z.",
            "Must be a time with its zone such as 2027-03-01T12:00:00Z.",
        ),
    }
    json_schema: ClassVar[dict[str, Any]] = {"type": "string", "format": "date-time", "maxLength": 35}
    _form = re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})\Z"
    )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if not isinstance(value, str) or not self._form.match(value):
            raise self.make_error("moment")
        try:
            # Python reads at most six digits of a second.
            moment = dt.datetime.fromisoformat(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", value.upper()))
            return moment.astimezone(dt.UTC)
        except (ValueError, OverflowError) as wrong:
            raise self.make_error("moment") from wrong

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return None if value is None else rfc3339(value)


class StoredMoment(Moment):
    """A point in time inside a stored value: the canonical text itself, which is what JSON can hold."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        return rfc3339(super()._deserialize(value, attr, data, **rest))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return value


def rfc3339(moment: dt.datetime) -> str:
    """A moment as the API writes it: UTC, microseconds, `Z`; the fixed width makes texts sort as times do."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Decimal(Text):
    """An exact decimal number as a string, so that no client rounds money."""

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(
            description,
            max=20,
            pattern=r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?$",
            wrong=Say(
                'Skal være et beløb som "1250000" eller "1250000.50".',
                'Must be an amount such as "1250000" or "1250000.50".',
            ),
            **options,
        )


class Integer(Field):
    """A whole number as JSON Schema has it: 5 and 5.0, never "5", 5.7 or true."""

    default_error_messages = {
        "integer": Say("Skal være et helt tal.", "Must be a whole number."),
        "range": Say("Skal ligge mellem {min} og {max}.", "Must be between {min} and {max}."),
    }

    def __init__(self, description: str, *, min: int = -LARGEST, max: int = LARGEST, **options: Any) -> None:
        super().__init__(description, **options)
        self.min, self.max = min, max

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("integer")
        if not self.min <= value <= self.max:
            raise self.make_error("range", min=self.min, max=self.max)
        return value

    def shape(self, doc: Doc) -> dict[str, Any]:
        size = "int32" if self.min >= -(2**31) and self.max < 2**31 else "int64"
        return {"type": "integer", "format": size, "minimum": self.min, "maximum": self.max}


class Number(Field):
    """A finite number; may be negative."""

    default_error_messages = {
        "number": Say("Skal være et tal.", "Must be a number."),
        "range": Say("Skal ligge mellem {min} og {max}.", "Must be between {min} and {max}."),
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.make_error("number")
        if abs(value) > LARGEST:
            raise self.make_error("range", min=-LARGEST, max=LARGEST)
        return value

    def shape(self, doc: Doc) -> dict[str, Any]:
        return {"type": "number", "format": "double", "minimum": -LARGEST, "maximum": LARGEST}


class Flag(Field):
    """True or false, never "yes" or 1."""

    default_error_messages = {
        "flag": Say("Skal være true eller false.", "Must be true or false."),
    }
    json_schema: ClassVar[dict[str, Any]] = {"type": "boolean"}

    def __init__(self, description: str, **options: Any) -> None:
        options.setdefault("allow_none", False)
        options.setdefault("load_default", lambda: False)
        super().__init__(description, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("flag")
        return value


class Object(ma.fields.Nested, Field):
    """A value object: one of the schemas, nested."""

    default_error_messages: dict[str, Any] = {
        "type": Say("Skal være et objekt.", "Must be an object."),
    }

    def __init__(
        self,
        schema: type[ma.Schema],
        description: str,
        *,
        example: Any = None,
        create_only: bool = False,
        **options: Any,
    ) -> None:
        required = options.pop("required", False)
        if not required:
            options.setdefault("allow_none", True)
            options.setdefault("load_default", None)
        ma.fields.Nested.__init__(self, schema, required=required, **options)
        self.description, self.example, self.create_only = description, example, create_only

    def shape(self, doc: Doc) -> dict[str, Any]:
        return doc.reference(self.schema)


class File(Field):
    """A file in a form: its name, what it is said to be, and its bytes wherever the service has put them."""

    default_error_messages = {
        "file": Say("Skal være en fil med et navn.", "Must be a file with a name."),
    }
    # `contentMediaType`, the way of OpenAPI 3.1, is not yet known to those that generate clients.
    json_schema: ClassVar[dict[str, Any]] = {"type": "string", "format": "binary"}

    def __init__(self, description: str, *, media: tuple[str, ...], max: int = 26_214_400, **options: Any) -> None:
        super().__init__(description, **options)
        self.media, self.max = media, max

    def shape(self, doc: Doc) -> dict[str, Any]:
        return {**self.json_schema, "maxLength": self.max}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if isinstance(value, str):
            raise self.make_error("file")
        return value


class Many(ma.fields.List[Any], Field):
    """A list of at most `max` values; never null, empty when nothing is known."""

    default_error_messages: dict[str, Any] = {
        "invalid": Say("Skal være en liste.", "Must be a list."),
        "many": Say("Må højst have {max} elementer.", "May hold at most {max} items."),
        "few": Say("Skal have mindst {min} elementer.", "Must hold at least {min} items."),
        "twice": Say("Elementet står der to gange.", "The item is there twice."),
    }

    def __init__(
        self,
        item: Field,
        description: str,
        *,
        max: int = 50,
        min: int = 0,
        unique: bool | None = None,
        example: Any = None,
        create_only: bool = False,
        **options: Any,
    ) -> None:
        required = options.pop("required", False)
        options.setdefault("allow_none", False)
        if not required:
            options.setdefault("load_default", list)
        item.required, item.allow_none = True, False
        ma.fields.List.__init__(self, item, required=required, **options)
        self.description, self.create_only = description, create_only
        self.example = example if example is not None or item.example is None else [item.example]
        self.max, self.min = max, min
        # Plain values stand once; of two objects that look alike, both may be meant.
        self.unique = not isinstance(item, Object) if unique is None else unique

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > self.max:
            raise self.make_error("many", max=self.max)
        if len(value) < self.min:
            raise self.make_error("few", min=self.min)
        items = super()._deserialize(value, attr, data, **rest)
        if self.unique:
            self._refuse_twins(items)
        return items

    def _refuse_twins(self, items: Sequence[Any]) -> None:
        for index, item in enumerate(items):
            if item in items[:index]:
                raise ma.ValidationError({index: [self.error_messages["twice"]]})

    def shape(self, doc: Doc) -> dict[str, Any]:
        inner = self.inner.describe(doc)  # type: ignore[attr-defined]
        limits = {"minItems": self.min} if self.min else {}
        unique = {"uniqueItems": True} if self.unique else {}
        return {"type": "array", "items": inner, **limits, "maxItems": self.max, **unique}


class Counts(Field):
    """How many there are of each term of a closed list."""

    def __init__(self, description: str, terms: type[Term], **options: Any) -> None:
        super().__init__(description, dump_only=True, allow_none=False, **options)
        self.terms = terms
        self.example = {str(term): 0 for term in terms}

    def shape(self, doc: Doc) -> dict[str, Any]:
        count = {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**31 - 1}
        names = [str(term) for term in self.terms]
        return {"type": "object", "properties": dict.fromkeys(names, count), "required": names}


class Links(Field):
    """Where the record's neighbours are: relative addresses by name, made from its `key`."""

    _CHECK_ATTRIBUTE = False

    def __init__(self, description: str, addresses: Mapping[str, str], *, key: str = "id") -> None:
        shown = EXAMPLE_IDS.get(addresses["self"].split("/")[2].removesuffix("s"), "theme")
        example = {name: address.format(id=shown) for name, address in addresses.items()}
        super().__init__(description, example=example, dump_only=True, allow_none=False, load_default=ma.missing)
        self.addresses, self.key = dict(addresses), key

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        key = ma.utils.get_value(obj, self.key)
        return {name: address.format(id=key) for name, address in self.addresses.items()}

    def shape(self, doc: Doc) -> dict[str, Any]:
        link = {"type": "string", "format": "uri-reference", "maxLength": 2000}
        return {"type": "object", "properties": dict.fromkeys(self.addresses, link), "required": list(self.addresses)}
