"""People who log in, and the roles they hold in partners."""

from __future__ import annotations

import datetime as dt

import uuid_utils
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.models.base import Base, Id
from schemas.vocabulary import Role


class User(Base):
    """A person with a log-in. `duties` are roles on the platform itself."""

    __tablename__ = "user_account"

    id: Mapped[Id] = mapped_column(primary_key=True, default=lambda: str(uuid_utils.uuid7()))
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    duties: Mapped[list[str]] = mapped_column(default=list)
    blocked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]
    memberships: Mapped[list[Membership]] = relationship(cascade="all, delete-orphan")


class Membership(Base):
    """One role of one person in one partner."""

    __tablename__ = "membership"

    user_id: Mapped[Id] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    partner_id: Mapped[Id] = mapped_column(ForeignKey("partner.id"), primary_key=True, index=True)
    role: Mapped[Role]
