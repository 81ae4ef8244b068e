"""Signing in and setting a password."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from testimonials.services.accounts import MIN_PASSWORD


class SignInForm(FlaskForm):  # type: ignore[misc]
    email = EmailField("Email", [InputRequired("Your e-mail address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Your password."), Length(max=200)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField(
        "New password",
        [
            InputRequired("Choose a password."),
            Length(min=MIN_PASSWORD, max=200, message=f"At least {MIN_PASSWORD} characters."),
        ],
    )
