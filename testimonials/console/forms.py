"""What a business fills in: campaigns, widgets, the reason of a rejection."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from testimonials.domain.campaign_templates import TEMPLATES
from testimonials.domain.campaigns import NAME_CHARACTERS, TEXT_CHARACTERS
from testimonials.domain.widget_config import LAYOUTS


class CampaignForm(FlaskForm):  # type: ignore[misc]
    """What a campaign needs to begin with; its page has the rest."""

    name = StringField("Name", [InputRequired("Give it a name."), Length(max=NAME_CHARACTERS)])
    slug = StringField(
        "Link",
        [
            Optional(),
            Regexp(r"^[a-z0-9-]{1,64}$", message="Small letters, digits, hyphens."),
        ],
    )
    greeting = StringField("Greeting", [Length(max=TEXT_CHARACTERS)])
    brand_color = StringField(
        "Brand color",
        [InputRequired("Choose a color."), Regexp(r"^#[0-9a-fA-F]{6}$", message="Six hex digits after #.")],
        default="#1f6b52",
    )
    max_seconds = IntegerField("Longest recording, in seconds", [Optional()])
    smooth = BooleanField("Keep 60 frames a second, for fast movement")
    reduce_noise = BooleanField("Reduce hiss and hum in the sound")
    template = RadioField(
        "Begin with",
        [Optional()],
        choices=[
            SelectChoice("", "Something else"),
            *(SelectChoice(name, each.title) for name, each in TEMPLATES.items()),
        ],
        default="",
    )


class WidgetForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", [InputRequired("Give it a name."), Length(max=120)])
    layout = SelectField(
        "Layout",
        [InputRequired("Choose a layout.")],
        choices=[SelectChoice(name, label) for name, label in LAYOUTS.items()],
    )
