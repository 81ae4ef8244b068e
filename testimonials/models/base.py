"""What all tables share: ids, times in UTC, and column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

Json = JSON().with_variant(JSONB(), "postgresql")
# SQLite only counts up by itself in a plain INTEGER column.
BigId = BigInteger().with_variant(Integer(), "sqlite")
ID_LENGTH = 32
TOKEN_LENGTH = 43


class Base(DeclarativeBase):
    """Names of constraints follow one pattern, so that migrations can name what they drop."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcTime(TypeDecorator[datetime]):
    """Times go in and come out as aware UTC; SQLite alone would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[Any]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("times must carry a zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def new_id() -> str:
    """A UUIDv7 in hex (RFC 9562, method 3 of its §6.2): 48 bits of Unix milliseconds, 12 of their fraction, then random.

    Sorts by time of birth down to a quarter of a microsecond: what is added one after the other stays in that order.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    return f"{milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | secrets.randbits(62):032x}"


def new_token() -> str:
    """192 random bits, safe in a URL. The only kind of id that leaves the house."""
    return secrets.token_urlsafe(24)


def now() -> datetime:
    return datetime.now(UTC)


def id_column() -> Any:
    return mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)


def token_column() -> Any:
    return mapped_column(String(TOKEN_LENGTH), unique=True, default=new_token)


def created_column() -> Any:
    return mapped_column(UtcTime, default=now)
