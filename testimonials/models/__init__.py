"""Tables, one family a file. Importing this package knows them all, which migrations and tests need."""

from testimonials.models.asset import Asset
from testimonials.models.audit import AuditEntry, AuditHead
from testimonials.models.base import Base
from testimonials.models.campaign import Campaign, ConsentText
from testimonials.models.captions import Captions, GlossaryTerm
from testimonials.models.consent import Consent
from testimonials.models.erasure import Erasure
from testimonials.models.event import Event
from testimonials.models.experiment import Experiment, ExperimentDay, Exposure
from testimonials.models.handoff import Handoff
from testimonials.models.invitation import Invitation, Unsubscribe
from testimonials.models.job import Job, WorkerHeartbeat
from testimonials.models.ledger import Conversion, DailySalt, EventHour, RolledDay, ShareDay, Visit
from testimonials.models.mail import Mail
from testimonials.models.moderation import (
    ActOn,
    Note,
    ReviewAct,
    ReviewRules,
    SearchDocument,
    Tag,
    Tagging,
    TextEdit,
)
from testimonials.models.publication import Publication, PublishedFeed, Purge
from testimonials.models.report import CampaignDay, CollectHour, CountedDay, EventDay
from testimonials.models.reward import Coupon, Reward, RewardRule
from testimonials.models.share import Share
from testimonials.models.testimonial import Testimonial
from testimonials.models.upload import Chunk, Upload
from testimonials.models.widget import Widget, WidgetPlace
from testimonials.models.workspace import (
    ApiToken,
    Identity,
    LoginLink,
    Member,
    MemberInvitation,
    Membership,
    Passkey,
    RecoveryCode,
    SignIn,
    SignInMisses,
    SpentProof,
    Workspace,
)

__all__ = [
    "ActOn",
    "ApiToken",
    "Asset",
    "AuditEntry",
    "AuditHead",
    "Base",
    "Campaign",
    "CampaignDay",
    "Captions",
    "Chunk",
    "CollectHour",
    "Consent",
    "ConsentText",
    "Conversion",
    "CountedDay",
    "Coupon",
    "DailySalt",
    "Erasure",
    "Event",
    "EventDay",
    "EventHour",
    "Experiment",
    "ExperimentDay",
    "Exposure",
    "GlossaryTerm",
    "Handoff",
    "Identity",
    "Invitation",
    "Job",
    "LoginLink",
    "Mail",
    "Member",
    "MemberInvitation",
    "Membership",
    "Note",
    "Passkey",
    "Publication",
    "PublishedFeed",
    "Purge",
    "RecoveryCode",
    "ReviewAct",
    "ReviewRules",
    "Reward",
    "RewardRule",
    "RolledDay",
    "SearchDocument",
    "Share",
    "ShareDay",
    "SignIn",
    "SignInMisses",
    "SpentProof",
    "Tag",
    "Tagging",
    "Testimonial",
    "TextEdit",
    "Unsubscribe",
    "Upload",
    "Visit",
    "Widget",
    "WidgetPlace",
    "WorkerHeartbeat",
    "Workspace",
]
