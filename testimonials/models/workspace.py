"""A workspace (tenant), who works in it, and the keys they hold."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from testimonials.models.base import Base, UtcTime, created_column, id_column, new_token


class Workspace(Base):
    """`conversion_token` lets pages report conversions; it gives nothing else. `attribution_days` is how long a share counts
    as having brought somebody."""

    __tablename__ = "workspaces"

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(String(120))
    conversion_token: Mapped[str] = mapped_column(String(43), default=new_token)
    attribution_days: Mapped[int] = mapped_column(default=30)
    created_at: Mapped[datetime] = created_column()


class Member(Base):
    """A person of one workspace. `password_hash` is None until they set a password."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120), default="")
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = created_column()

    workspace: Mapped[Workspace] = relationship()


class SignIn(Base):
    """A signed-in browser. Only the hash of what its cookie holds is kept."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = created_column()

    member: Mapped[Member] = relationship()


class SignInMisses(Base):
    """Wrong passwords for one address, whether or not it belongs to anybody: the pause must not tell."""

    __tablename__ = "sign_in_misses"

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    misses: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None] = mapped_column(UtcTime)
    seen_at: Mapped[datetime] = created_column()


class LoginLink(Base):
    """A link that signs in once. Only its hash is kept."""

    __tablename__ = "login_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ApiToken(Base):
    """A bearer token of the JSON API. Only its hash is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = created_column()
