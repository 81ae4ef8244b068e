"""The customer's form. The same one checks the page without a script and the JSON that the script sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import (
    EmailField,
    FileField,
    Form,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from testimonials.domain.consent import SCOPES, known_scopes
from testimonials.services.submissions import Details


def _stripped(value: Any) -> Any:
    return value.replace("\0", "").strip() if isinstance(value, str) else value


def _no_line_breaks(_form: Form, field: StringField) -> None:
    if field.data and any(character < " " for character in field.data):
        raise ValidationError("Please keep this on one line.")


_LINE: list[Callable[..., Any]] = [_no_line_breaks]


class SubmissionForm(Form):  # type: ignore[misc]
    """Cookie-less, so without a CSRF token: there is no session here that somebody could ride on."""

    name = StringField(
        "Your name",
        [
            InputRequired("Please tell us your name."),
            Length(max=120, message="At most 120 characters."),
            *_LINE,
        ],
        filters=[_stripped],
    )
    email = EmailField(
        "Email",
        [
            InputRequired("We need your address to send you the link to your page."),
            Length(max=254),
            Email("This address looks incomplete. It needs a part before and after the @."),
        ],
        filters=[_stripped],
    )
    title = StringField("What you do", [Optional(), Length(max=120), *_LINE], filters=[_stripped], default="")
    company = StringField("Company", [Optional(), Length(max=120), *_LINE], filters=[_stripped], default="")
    rating = RadioField(
        "How happy are you?",
        [Optional()],
        choices=[SelectChoice(number, str(number)) for number in range(1, 6)],
        coerce=lambda value: int(value) if value not in (None, "") else None,
        validate_choice=False,
    )
    text = TextAreaField("In one sentence", [Optional(), Length(max=2000)], filters=[_stripped], default="")
    consent = SelectMultipleField(
        "Where may they show it?",
        choices=[SelectChoice(name, label) for name, label in SCOPES.items()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    video = FileField("Your video")

    def validate_rating(self, field: RadioField) -> None:
        if field.data is not None and not 1 <= field.data <= 5:
            raise ValidationError("One to five stars.")

    def validate_consent(self, field: SelectMultipleField) -> None:
        if not known_scopes(field.data or []):
            raise ValidationError("Please choose at least one place, or nobody can see it.")

    def details(self) -> Details:
        """What was written, checked. Call after `validate`."""
        return Details(
            name=self.name.data,
            email=self.email.data,
            title=self.title.data or "",
            company=self.company.data or "",
            rating=self.rating.data,
            text=self.text.data or "",
            scopes=tuple(known_scopes(self.consent.data)),
        )
