"""A workspace (tenant), who works in it, how they prove who they are, and the keys they hold."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from testimonials.domain.waiting_mails import DAILY
from testimonials.models.base import Base, UtcTime, created_column, id_column, new_token, now


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
    """A person. `workspace_id` is the workspace that opens when they sign in; what they may do there, and in others, is a
    Membership.

    `password_hash` is None until they set a password. `verified_at` says since when the address is known to be theirs. The
    secret of their authenticator is encrypted; `totp_step` is the last step whose code was used, in units of 30 s.
    """

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    verified_at: Mapped[datetime | None] = mapped_column(UtcTime)
    totp_secret: Mapped[str] = mapped_column(String(200), default="", server_default="")
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    created_at: Mapped[datetime] = created_column()


class Membership(Base):
    """What a person may do in a workspace: `role` is a key of `domain.roles.ROLES`.

    `waiting_mail` is a key of `domain.waiting_mails.CHOICES`; `next_mail_at` is when they may be mailed again (None: never),
    and whatever was handed in up to `told_until` they have been told of.
    """

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("member_id", "workspace_id"), Index("ix_memberships_mail", "next_mail_at"))

    id: Mapped[str] = id_column()
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    waiting_mail: Mapped[str] = mapped_column(String(8), default=DAILY, server_default=DAILY)
    next_mail_at: Mapped[datetime | None] = mapped_column(UtcTime, default=now)
    told_until: Mapped[datetime | None] = mapped_column(UtcTime, default=now)
    created_at: Mapped[datetime] = created_column()

    member: Mapped[Member] = relationship()
    workspace: Mapped[Workspace] = relationship()


class MemberInvitation(Base):
    """A link by which somebody joins a workspace, once. Only its hash is kept. `mailed` says that nobody but the address
    has seen it. It ends with its sender's right to send it."""

    __tablename__ = "member_invitations"
    __table_args__ = (UniqueConstraint("workspace_id", "email"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    mailed: Mapped[bool] = mapped_column(default=False)
    invited_by: Mapped[str] = mapped_column(String(120), default="")
    invited_by_id: Mapped[str] = mapped_column(String(32), default="", server_default="")
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = created_column()

    workspace: Mapped[Workspace] = relationship()


class SignIn(Base):
    """A signed-in browser. Only the hash of what its cookie holds is kept.

    `workspace_id` is the workspace that this browser looks at, None for where its member starts. `proved_at` is when its
    person last gave a password, a code or a passkey. While `waits_for_code` is set it opens nothing yet.
    """

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    workspace_id: Mapped[str | None] = mapped_column(String(32))
    way: Mapped[str] = mapped_column(String(16), default="link", server_default="link")
    agent: Mapped[str] = mapped_column(String(200), default="", server_default="")
    network: Mapped[str] = mapped_column(String(60), default="", server_default="")
    waits_for_code: Mapped[bool] = mapped_column(default=False, server_default=false())
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    proved_at: Mapped[datetime | None] = mapped_column(UtcTime)
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
    """A link that signs in once. Only its hash is kept. `way` says who made it: `operator`, on the server, whose word is
    enough; or `mail` and `password`, asked for by whoever reads that address (the latter to choose a new password)."""

    __tablename__ = "login_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    way: Mapped[str] = mapped_column(String(16), default="operator", server_default="operator")
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)

    member: Mapped[Member] = relationship()


class RecoveryCode(Base):
    """A code that stands in once for the authenticator. Only its hash is kept; a used one is deleted."""

    __tablename__ = "recovery_codes"

    member_id: Mapped[str] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class Passkey(Base):
    """A key pair on a person's device (WebAuthn). `credential_id` and `public_key` are base64url; the key is COSE."""

    __tablename__ = "passkeys"

    id: Mapped[str] = id_column()
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = created_column()
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)

    member: Mapped[Member] = relationship()


class Identity(Base):
    """Who a person is at the company's own sign-in (OpenID Connect): the pair of issuer and subject never changes."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = id_column()
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = created_column()

    member: Mapped[Member] = relationship()


class SpentProof(Base):
    """A challenge that was answered. It stands here until it would have expired anyway, so that no answer counts twice."""

    __tablename__ = "spent_proofs"

    proof_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)


class ApiToken(Base):
    """A bearer token of the JSON API. Only its hash is kept. It may do what its role may."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16), default="owner", server_default="owner")
    made_by: Mapped[str] = mapped_column(String(120), default="", server_default="")
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = created_column()
