"""What people fill in to come in, to ask others in, and to look after their account."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from testimonials.domain.roles import MAY_GIVE, ROLES
from testimonials.services.passwords import MAX_PASSWORD, MIN_PASSWORD

ROLE_NAMES = [SelectChoice(role, role.capitalize()) for role in ROLES]


def _email() -> EmailField:
    return EmailField("Email", [InputRequired("Your e-mail address."), Length(max=254)])


def _old_password() -> PasswordField:
    return PasswordField("Password", [InputRequired("Your password."), Length(max=MAX_PASSWORD)])


def _new_password(label: str = "New password") -> PasswordField:
    least = f"At least {MIN_PASSWORD} characters."
    return PasswordField(label, [InputRequired("Choose a password."), Length(MIN_PASSWORD, MAX_PASSWORD, least)])


class SignInForm(FlaskForm):  # type: ignore[misc]
    email = _email()
    password = _old_password()


class LinkForm(FlaskForm):  # type: ignore[misc]
    email = _email()


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField("Code", [InputRequired("The code that the app shows."), Length(max=40)])


class ProveForm(FlaskForm):  # type: ignore[misc]
    password = _old_password()


class PasswordForm(FlaskForm):  # type: ignore[misc]
    password = _new_password()


class JoinForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Your name", [InputRequired("What colleagues call you."), Length(max=120)])
    password = _new_password("Choose a password")


class InviteForm(FlaskForm):  # type: ignore[misc]
    """Its choices are those of the role of whoever invites."""

    email = EmailField("Email", [InputRequired("Whom do you invite?"), Length(max=254)])
    role = SelectField("Role", [InputRequired("Choose a role.")], choices=ROLE_NAMES)

    def narrow(self, role: str) -> InviteForm:
        self.role.choices = [choice for choice in ROLE_NAMES if choice.value in MAY_GIVE[role]]
        return self


class RoleForm(FlaskForm):  # type: ignore[misc]
    role = SelectField("Role", choices=ROLE_NAMES)


class NameForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", [Length(max=120)])


class WorkspaceForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name of the workspace", [InputRequired("Give it a name."), Length(max=120)])


class AuthenticatorForm(FlaskForm):  # type: ignore[misc]
    sealed = HiddenField()
    code = StringField("Code", [InputRequired("The six digits that the app shows."), Length(max=40)])


class TokenForm(FlaskForm):  # type: ignore[misc]
    name = StringField("What is it for?", [InputRequired("Say what it is for."), Length(max=120)])
    role = SelectField("It may do what this role may", choices=ROLE_NAMES, default="editor")
