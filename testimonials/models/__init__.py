"""Tables, one family a file. Importing this package knows them all, which migrations and tests need."""

from testimonials.models.asset import Asset
from testimonials.models.base import Base
from testimonials.models.campaign import Campaign, ConsentText
from testimonials.models.captions import Captions
from testimonials.models.consent import Consent
from testimonials.models.erasure import Erasure
from testimonials.models.event import Event
from testimonials.models.handoff import Handoff
from testimonials.models.invitation import Invitation, Unsubscribe
from testimonials.models.job import Job, WorkerHeartbeat
from testimonials.models.ledger import Conversion, DailySalt, EventHour, Visit
from testimonials.models.mail import Mail
from testimonials.models.reward import Coupon, Reward, RewardRule
from testimonials.models.share import Share
from testimonials.models.testimonial import Testimonial
from testimonials.models.upload import Chunk, Upload
from testimonials.models.widget import Widget
from testimonials.models.workspace import ApiToken, LoginLink, Member, SignIn, SignInMisses, Workspace

__all__ = [
    "ApiToken",
    "Asset",
    "Base",
    "Campaign",
    "Captions",
    "Chunk",
    "Consent",
    "ConsentText",
    "Conversion",
    "Coupon",
    "DailySalt",
    "Erasure",
    "Event",
    "EventHour",
    "Handoff",
    "Invitation",
    "Job",
    "LoginLink",
    "Mail",
    "Member",
    "Reward",
    "RewardRule",
    "Share",
    "SignIn",
    "SignInMisses",
    "Testimonial",
    "Unsubscribe",
    "Upload",
    "Visit",
    "Widget",
    "WorkerHeartbeat",
    "Workspace",
]
