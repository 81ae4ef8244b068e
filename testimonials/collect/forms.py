"""The customer's forms. The same one checks the page without a script and the JSON that the script sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import (
    EmailField,
    FileField,
    FloatField,
    Form,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from testimonials import i18n
from testimonials.domain.collecting import Kind
from testimonials.domain.consent import known_scopes
from testimonials.i18n import lazy
from testimonials.models.base import TOKEN_LENGTH
from testimonials.notifications import PLACES
from testimonials.services.submissions import Details, Marks

SCOPE_NOTES = {
    "website": lazy("With your name beside it"),
    "social": lazy("In posts that link back to your video"),
    "advertising": lazy("In ads that they pay for"),
    "editing": lazy("Your words are never changed"),
}
MAX_SECONDS = 24 * 3600


def _stripped(value: Any) -> Any:
    return value.replace("\0", "").strip() if isinstance(value, str) else value


def _no_line_breaks(_form: Form, field: StringField) -> None:
    if field.data and any(character < " " for character in field.data):
        raise ValidationError(i18n.gettext("Please keep this on one line."))


_LINE: list[Callable[..., Any]] = [_no_line_breaks]
_LENGTH = lazy("At most 120 characters.")


class MarksForm(Form):  # type: ignore[misc]
    """Moments in the clip, in seconds. What makes no sense counts as not given: the whole clip is always a good answer."""

    trim_start = FloatField(validators=[Optional()])
    trim_end = FloatField(validators=[Optional()])
    poster = FloatField(validators=[Optional()])

    def marks(self) -> Marks:
        start, end, poster = (_moment(field.data) for field in (self.trim_start, self.trim_end, self.poster))
        if start is not None and end is not None and end <= start:
            start = end = None
        return Marks(trim_start_seconds=start, trim_end_seconds=end, poster_seconds=poster)


class SubmissionForm(MarksForm):
    """Cookie-less, so without a CSRF token: there is no session here that somebody could ride on."""

    name = StringField(
        lazy("Your name"),
        [InputRequired(lazy("Please tell us your name.")), Length(max=120, message=_LENGTH), *_LINE],
        filters=[_stripped],
    )
    email = EmailField(
        lazy("Email"),
        [
            InputRequired(lazy("We need your address to send you the link to your page.")),
            Length(max=254, message=lazy("At most 254 characters.")),
            Email(lazy("This address looks incomplete. It needs a part before and after the @.")),
        ],
        filters=[_stripped],
    )
    title = StringField(
        lazy("What you do"), [Optional(), Length(max=120, message=_LENGTH), *_LINE], filters=[_stripped], default=""
    )
    company = StringField(
        lazy("Company"), [Optional(), Length(max=120, message=_LENGTH), *_LINE], filters=[_stripped], default=""
    )
    rating = RadioField(
        lazy("How happy are you?"),
        [Optional()],
        choices=[SelectChoice(number, str(number)) for number in range(1, 6)],
        coerce=lambda value: int(value) if value not in (None, "") else None,
        validate_choice=False,
    )
    text = TextAreaField(
        lazy("In your words"),
        [Optional(), Length(max=2000, message=lazy("At most 2,000 characters."))],
        filters=[_stripped],
        default="",
    )
    guardian = StringField(
        lazy("Name of your parent or guardian"),
        [Optional(), Length(max=120, message=_LENGTH), *_LINE],
        filters=[_stripped],
        default="",
    )
    consent = SelectMultipleField(
        lazy("Where may they show it?"),
        choices=[SelectChoice(name, label) for name, label in PLACES.items()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    kind = StringField(default=Kind.VIDEO.value)
    language = StringField(default=i18n.SOURCE)
    consent_hash = StringField(validators=[Optional(), Length(max=64)], default="")
    invitation = StringField(validators=[Optional(), Length(max=TOKEN_LENGTH)], default="")
    handoff = StringField(validators=[Optional(), Length(max=TOKEN_LENGTH)], default="")
    trap = StringField(validators=[Optional(), Length(max=500)], default="")
    opened = StringField(validators=[Optional(), Length(max=80)], default="")
    video = FileField(lazy("Your video"))

    def validate_rating(self, field: RadioField) -> None:
        if field.data is not None and not 1 <= field.data <= 5:
            raise ValidationError(i18n.gettext("One to five stars."))

    def validate_consent(self, field: SelectMultipleField) -> None:
        if not known_scopes(field.data or []):
            raise ValidationError(i18n.gettext("Please choose at least one place, or nobody can see it."))

    def validate_kind(self, field: StringField) -> None:
        if (field.data or Kind.VIDEO) not in list(Kind):
            raise ValidationError(i18n.gettext("This way is not offered here."))

    def details(self, notices: list[str]) -> Details:
        """What was written, checked. Call after `validate`."""
        return Details(
            name=self.name.data,
            email=self.email.data,
            title=self.title.data or "",
            company=self.company.data or "",
            rating=self.rating.data,
            text=self.text.data or "",
            scopes=tuple(known_scopes(self.consent.data)),
            kind=Kind(self.kind.data or Kind.VIDEO),
            language=i18n.choose(self.language.data, i18n.current()),
            wording_hash=self.consent_hash.data or "",
            guardian=self.guardian.data or "",
            invitation=self.invitation.data or "",
            handoff=self.handoff.data or "",
            marks=self.marks(),
            notices=tuple(notices),
        )


def _moment(value: float | None) -> float | None:
    return value if value is not None and 0 <= value <= MAX_SECONDS else None
