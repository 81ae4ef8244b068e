"""Campaigns to collect with: what there are, and a new one."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from testimonials.console.blueprint import blueprint
from testimonials.console.forms import CampaignForm
from testimonials.domain.campaign_templates import TEMPLATES
from testimonials.domain.roles import EDIT, LOOK
from testimonials.errors import AppError, Forbidden
from testimonials.http import runtime
from testimonials.services import campaigns
from testimonials.services.accounts import Person
from testimonials.sessions import may, requires


@blueprint.route("/campaigns", methods=["GET", "POST"])
@requires(LOOK, sending=EDIT)
def campaigns_page(person: Person) -> str | Response:
    form, error = CampaignForm(), None
    if form.validate_on_submit():
        _must_edit(person)
        try:
            given = {"greeting": form.greeting.data or "", "max_seconds": form.max_seconds.data}
            made = campaigns.begin(
                runtime(),
                person.workspace_id,
                template=form.template.data or "",
                slug=form.slug.data or "",
                name=form.name.data,
                brand_color=form.brand_color.data,
                max_frame_rate=60 if form.smooth.data else 30,
                reduce_noise=form.reduce_noise.data,
                **{name: value for name, value in given.items() if value not in ("", None)},
            )
            return redirect(url_for("console.campaign_page", slug=made.slug, saved="new"), 303)
        except AppError as refused:
            error = _placed(form, refused)
    base = runtime().settings.base_url
    found = [
        {
            "campaign": campaign,
            "number": number,
            "more": number == campaigns.MOST_COUNTED,
            "url": f"{base}/c/{campaign.slug}",
        }
        for campaign, number in campaigns.with_numbers(runtime(), person.workspace_id)
    ]
    return render_template(
        "console/campaigns.html",
        campaigns=found,
        form=form,
        error=error,
        base=base,
        templates=TEMPLATES,
        may_edit=may(person, EDIT),
    )


def _placed(form: CampaignForm, refused: AppError) -> str:
    """Put the faults beside the fields they are about; what is about no field comes back as a sentence."""
    for name, faults in refused.fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, *faults]
    return "" if refused.fields else refused.detail


def _must_edit(person: Person) -> None:
    if not may(person, EDIT):
        raise Forbidden("Your role does not include this. Ask an owner of the workspace.")
