"""The one aggregate: a testimonial, from the first upload call to the share page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, and_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from testimonials.domain.collecting import Kind
from testimonials.domain.lifecycle import ConsentStatus, MediaStatus, ReviewStatus, is_public
from testimonials.models.asset import Asset, AssetKind
from testimonials.models.base import Base, Json, UtcTime, created_column, id_column, token_column
from testimonials.models.campaign import Campaign
from testimonials.models.captions import Captions
from testimonials.models.upload import Upload

AWAY = text("archived_at IS NOT NULL")
TROUBLE = text("(media = 'failed' OR notices <> '[]')")
UNANNOUNCED = text("announced_at IS NULL AND review = 'approved'")
"""As the partial indexes have them: a query that says the same word for word can use them."""


class Testimonial(Base):
    """`consent_status` and `consent_scopes` mirror the newest consent record, written in the same transaction.

    `kind` says what it is made of, `verified` how we know who it is from, `poster_seconds` which moment the customer chose
    for the poster. `terms` are the campaign's when the recording began: `max_seconds`, `ways`, `incentive`. `notices` are keys
    of `domain.notices`; `focus_x` and `focus_y` are parts of the picture's width and height. `quote` is what the business
    chose from the customer's own words (empty: all of them), `shortened` whether it cut the clip; the marks `cut_…`
    count from where the customer's own marks let it begin, and `whole_seconds` is how long it was without them. `approvals` are
    `{"member", "at"}`, for workspaces that want two. `assignee_id` is a member; it refers to nobody once they have left.
    `announced_at` is when its customer was mailed that it is shown. `indexed_as` is the version of the search's tokens that
    were made of it.
    """

    __tablename__ = "testimonials"

    id: Mapped[str] = id_column()
    token: Mapped[str] = token_column()
    manage_token: Mapped[str] = token_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    kind: Mapped[Kind] = mapped_column(String(8), default=Kind.VIDEO)
    media: Mapped[MediaStatus] = mapped_column(String(16), default=MediaStatus.UPLOADING)
    review: Mapped[ReviewStatus] = mapped_column(String(16), default=ReviewStatus.PENDING)
    consent_status: Mapped[ConsentStatus | None] = mapped_column(String(16))
    consent_scopes: Mapped[list[str]] = mapped_column(Json, default=list)
    allows_website: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    name: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    title: Mapped[str] = mapped_column(String(120), default="")
    company: Mapped[str] = mapped_column(String(120), default="")
    rating: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text, default="")
    verified: Mapped[str] = mapped_column(String(20), default="")
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    quote: Mapped[str] = mapped_column(Text, default="")
    featured: Mapped[bool] = mapped_column(default=False)
    shortened: Mapped[bool] = mapped_column(default=False)
    assignee_id: Mapped[str | None] = mapped_column(String(32))
    approvals: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    indexed_as: Mapped[int] = mapped_column(SmallInteger, default=0)
    language: Mapped[str] = mapped_column(String(16), default="en")
    duration_seconds: Mapped[float | None]
    trim_start_seconds: Mapped[float | None]
    trim_end_seconds: Mapped[float | None]
    cut_start_seconds: Mapped[float | None]
    cut_end_seconds: Mapped[float | None]
    whole_seconds: Mapped[float | None]
    poster_seconds: Mapped[float | None]
    terms: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    focus_x: Mapped[float | None]
    focus_y: Mapped[float | None]
    storyboard: Mapped[dict[str, Any] | None] = mapped_column(Json)
    notices: Mapped[list[str]] = mapped_column(Json, default=list)
    failure: Mapped[str | None] = mapped_column(String(40))
    reject_reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = created_column()
    submitted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    announced_at: Mapped[datetime | None] = mapped_column(UtcTime)

    campaign: Mapped[Campaign] = relationship()
    uploads: Mapped[list[Upload]] = relationship(order_by=Upload.id)
    assets: Mapped[list[Asset]] = relationship(
        order_by=(Asset.height.desc(), Asset.codec, Asset.id), cascade="all, delete-orphan"
    )
    captions: Mapped[list[Captions]] = relationship(order_by=Captions.language, cascade="all, delete-orphan")

    __table_args__ = (
        Index("ix_testimonials_queue", "workspace_id", "review", "media", "id"),
        Index("ix_testimonials_newest", "workspace_id", "id"),
        Index("ix_testimonials_campaign", "campaign_id", "id"),
        Index("ix_testimonials_shown", "campaign_id", "review", "media", "id"),
        Index("ix_testimonials_review", "workspace_id", "review", "id"),
        Index("ix_testimonials_kind", "workspace_id", "kind", "id"),
        Index("ix_testimonials_rating", "workspace_id", "rating", "id"),
        Index("ix_testimonials_language", "workspace_id", "language", "id"),
        Index("ix_testimonials_media", "workspace_id", "media", "id"),
        Index("ix_testimonials_assignee", "assignee_id", "id"),
        Index("ix_testimonials_indexed", "indexed_as", "id"),
        Index("ix_testimonials_featured", "workspace_id", "featured", "id"),
        Index("ix_testimonials_submitted", "submitted_at"),
        Index("ix_testimonials_reviewed", "reviewed_at"),
        Index("ix_testimonials_unannounced", "reviewed_at", postgresql_where=UNANNOUNCED, sqlite_where=UNANNOUNCED),
        Index("ix_testimonials_archived", "workspace_id", "id", postgresql_where=AWAY, sqlite_where=AWAY),
        Index("ix_testimonials_trouble", "workspace_id", "id", postgresql_where=TROUBLE, sqlite_where=TROUBLE),
    )

    @property
    def public(self) -> bool:
        return is_public(
            media=MediaStatus(self.media),
            review=ReviewStatus(self.review),
            consent=ConsentStatus(self.consent_status) if self.consent_status else None,
            scopes=frozenset(self.consent_scopes),
            archived=self.archived_at is not None,
        )

    @property
    def shown_words(self) -> str:
        """What is read beside the clip: what was chosen from their words, or all that they wrote."""
        return self.quote or self.text

    @property
    def edited_disclosure(self) -> str:
        """What visitors are told where the business has left something out; empty where it has not."""
        said = ["The quote is an excerpt."] if self.quote else []
        return " ".join([*said, "The video was shortened."] if self.shortened else said)

    @property
    def disclosure(self) -> str:
        """What stands beside it wherever it is shown: what was given for it, and what the business left out."""
        return " · ".join(said for said in (self.terms.get("incentive"), self.edited_disclosure) if said)

    @property
    def allows_social(self) -> bool:
        """Whether others may be led to post it on social networks."""
        return "social" in self.consent_scopes

    @property
    def renditions(self) -> list[Asset]:
        """Playable files, largest first; of the same size, the better codec first."""
        return self.assets_of(AssetKind.VIDEO)

    @property
    def poster(self) -> Asset | None:
        """The largest JPEG of the poster, which every browser and every preview bot can read."""
        return next((asset for asset in self.assets_of(AssetKind.POSTER) if asset.content_type == "image/jpeg"), None)

    def assets_of(self, kind: AssetKind) -> list[Asset]:
        """Files of a kind, tallest first."""
        return [asset for asset in self.assets if asset.kind == kind]

    def asset_of(self, kind: AssetKind) -> Asset | None:
        return next(iter(self.assets_of(kind)), None)


PUBLIC = and_(
    Testimonial.media == MediaStatus.READY,
    Testimonial.review == ReviewStatus.APPROVED,
    Testimonial.consent_status == ConsentStatus.GRANTED,
    Testimonial.allows_website,
    Testimonial.archived_at.is_(None),
)
"""`domain.lifecycle.is_public` in SQL; tests/models/test_public.py holds both together over all combinations."""
