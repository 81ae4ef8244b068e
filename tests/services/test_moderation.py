"""Acts and their undoing, two people who agree, words that stay the customer's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from testimonials.domain.excerpts import excerpt
from testimonials.errors import Invalid
from testimonials.models import Mail, Membership, Upload
from testimonials.models.base import now
from testimonials.services import (
    balance,
    captions,
    moderation,
    remarks,
    review_rules,
)
from testimonials.services.moderation import Act, By, Change
from tests.services.shop import Shop, refused


@pytest.mark.parametrize(
    ("act", "more", "field", "value"),
    [
        (Act.APPROVE, {}, "review", "approved"), (Act.REJECT, {"reason": "Dark"}, "reject_reason", "Dark"),
        (Act.ARCHIVE, {}, "archived_at", None), (Act.TAG, {"tags": ("fast", " fast ")}, "tags", ["old", "fast"]),
        (Act.UNTAG, {"tags": ("old",)}, "tags", []), (Act.FEATURE, {}, "featured", True),
        (Act.QUOTE, {"words": "one of the best … in town"}, "quote", "one of the best … in town"),
    ],
)  # fmt: skip
def test_every_act_is_undone(shop: Shop, act: Act, more: dict[str, Any], field: str, value: object) -> None:
    token = shop.hand_in("Maya", text="They are one of the best shops in town")
    shop.do(token, Act.RETAG, tags=("old",))
    before = {name: getattr(shop.read(token), name) for name in moderation.snapshots.FIELDS}
    done = shop.do(token, act, **more)
    now_is = getattr(shop.read(token), field)
    assert now_is == value if act is not Act.ARCHIVE else now_is is not None
    assert done.act_id
    moderation.undo(shop.runtime, shop.id, done.act_id, shop.ada)
    assert {name: getattr(shop.read(token), name) for name in moderation.snapshots.FIELDS} == before
    refused("undone", lambda: moderation.undo(shop.runtime, shop.id, done.act_id or "", shop.ada))


def test_only_ones_own_acts_and_only_what_nobody_changed_since(shop: Shop) -> None:
    token = shop.hand_in("Maya")
    act = shop.do(token, Act.APPROVE).act_id or ""
    refused("unknown_act", lambda: moderation.undo(shop.runtime, shop.id, act, shop.ben))
    refused("unknown_act", lambda: moderation.undo(shop.runtime, Shop(shop.runtime, "Else").id, act, shop.ada))
    shop.do(token, Act.REJECT, shop.ben)
    outcome = moderation.undo(shop.runtime, shop.id, act, shop.ada)
    assert [error.code for error in outcome.refused.values()] == ["changed_since"]
    assert shop.read(token).review == "rejected"


def test_what_changes_nothing_leaves_nothing_to_undo(shop: Shop) -> None:
    token = shop.hand_in("Maya")
    shop.do(token, Act.APPROVE)
    assert shop.do(token, Act.APPROVE).act_id is None


def test_several_at_once_are_one_act(shop: Shop) -> None:
    tokens = [shop.hand_in(name) for name in ("A", "B", "C")]
    failed = shop.hand_in("D", media="failed")
    change = Change(act=Act.APPROVE)
    outcome = moderation.perform(shop.runtime, shop.id, [*tokens, failed, "guess"], change, shop.ada)
    assert sorted(each.token for each in outcome.done) == sorted(tokens)
    assert {token: error.code for token, error in outcome.refused.items()} == {
        failed: "wrong_state",
        "guess": "unknown_testimonial",
    }
    assert shop.found(review="approved") == ["C", "B", "A"]
    moderation.undo(shop.runtime, shop.id, outcome.act_id or "", shop.ada)
    assert shop.found(review="approved") == []
    refused("too_many", lambda: moderation.perform(shop.runtime, shop.id, ["x"] * 101, change, shop.ada))


def test_two_people_have_to_agree(shop: Shop) -> None:
    review_rules.set_two(shop.runtime, shop.id, True)
    token = shop.hand_in("Maya")
    shop.do(token, Act.APPROVE)
    assert (shop.read(token).review, shop.read(token).public) == ("pending", False)
    refused("second_person", lambda: shop.do(token, Act.APPROVE))
    refused("needs_two", lambda: shop.do(token, Act.APPROVE, By()))
    second = shop.do(token, Act.APPROVE, shop.ben)
    assert shop.read(token).public
    moderation.undo(shop.runtime, shop.id, second.act_id or "", shop.ben)
    assert (shop.read(token).review, len(shop.read(token).approvals)) == ("pending", 1)


def test_an_approval_ends_with_the_role_and_with_the_recording(shop: Shop) -> None:
    review_rules.set_two(shop.runtime, shop.id, True)
    cyd = shop.member("cyd")
    first, second = shop.hand_in("Maya"), shop.hand_in("Walter")
    for token in (first, second):
        shop.do(token, Act.APPROVE, cyd)
    with shop.runtime.db.transaction() as transaction:
        upload = Upload(testimonial_id=shop.read(second).id, finalized_at=now(), expires_at=now(), offset_bytes=1)
        transaction.add(upload)
    shop.do(second, Act.APPROVE, shop.ben)
    assert shop.read(second).review == "pending", "the first one saw another recording"
    with shop.runtime.db.transaction() as transaction:
        transaction.execute(update(Membership).where(Membership.member_id == cyd.member_id).values(role="viewer"))
    shop.do(first, Act.APPROVE, shop.ben)
    assert shop.read(first).review == "pending", "the first one may not moderate any more"


def test_undoing_a_rejection_publishes_nothing_that_needs_two_now(shop: Shop) -> None:
    token = shop.hand_in("Maya")
    shop.do(token, Act.APPROVE)
    act = shop.do(token, Act.REJECT).act_id or ""
    review_rules.set_two(shop.runtime, shop.id, True)
    outcome = moderation.undo(shop.runtime, shop.id, act, shop.ada)
    assert [error.code for error in outcome.refused.values()] == ["needs_two"]
    assert shop.read(token).review == "rejected"


def test_a_rejected_customer_is_told_and_undo_holds_the_mail_back(shop: Shop) -> None:
    object.__setattr__(shop.runtime.settings, "smtp_url", "smtp://127.0.0.1:9")
    token = shop.hand_in("Maya R.", language="de")

    def mails() -> list[Mail]:
        with shop.runtime.db.read() as session:
            return list(session.scalars(select(Mail)))

    shop.do(token, Act.REJECT, reason="Dark")
    assert mails() == [], "nobody is told unless somebody wants it"
    shop.do(token, Act.REOPEN)
    act = shop.do(token, Act.REJECT, reason="Dark", message="Bitte bei <b>Licht</b>.").act_id or ""
    (mail,) = mails()
    assert mail.recipient == "maya@example.org"
    assert mail.headers["Content-Language"] == "de"
    assert mail.run_after > now()
    assert "Bitte bei <b>Licht</b>." in mail.text
    assert "&lt;b&gt;Licht" in mail.html
    assert f"/my/{shop.read(token).manage_token}" in mail.text
    assert "Dark" not in mail.text, "the reason stays in the team"
    shop.do(token, Act.REJECT, reason="Dark", message="Once more")
    assert len(mails()) == 1
    outcome = moderation.undo(shop.runtime, shop.id, act, shop.ada)
    assert (mails(), list(outcome.refused)) == ([], []), "nothing changed since: the second try was no act"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("nobody noticed we were one short", "nobody noticed we were one short"),
        ("“They fixed our bike”", "They fixed our bike"), ("They fixed [...] one  short", "They fixed … one short"),
        ("Nobody noticed we were", None), ("They fixed our car all right", None), ("noticed … They fixed", None),
        ("They fixed our bik", None), ("hi", None), ("fixed our bike nobody", None),
    ],
)  # fmt: skip
def test_words_are_chosen_and_never_changed(words: str, shown: str | None) -> None:
    said = "They fixed our bike.\n nobody noticed we were one short."
    if shown is None:
        with pytest.raises(Invalid):
            excerpt(words, ["", said])
    else:
        assert excerpt(words, ["", said]) == shown


def test_every_edit_of_words_is_kept_and_disclosed(shop: Shop) -> None:
    token = shop.hand_in("Maya", text="They fixed our bike. Nobody noticed we were one short.", duration_seconds=9.0)
    assert shop.read(token).edited_disclosure == ""
    act = shop.do(token, Act.QUOTE, words="They fixed our bike.").act_id or ""
    assert shop.read(token).shown_words == "They fixed our bike."
    assert shop.read(token).edited_disclosure == "The quote is an excerpt."
    assert shop.read(token).text.endswith("one short."), "what they wrote stays as it is"
    moderation.undo(shop.runtime, shop.id, act, shop.ada)
    captions.edit(shop.runtime, shop.id, token, "en", text="We ride all day", member_name="ada")
    captions.edit(shop.runtime, shop.id, token, "en", text="We ride every day", member_name="ada")
    shop.do(token, Act.QUOTE, words="ride every day")
    refused("not_their_words", lambda: shop.do(token, Act.QUOTE, words="ride every night"))
    edits = [(each.field, each.before, each.after) for each in remarks.read(shop.runtime, shop.id, token).edits]
    assert edits[::-1] == [
        ("quote", "", "They fixed our bike."),
        ("quote", "They fixed our bike.", ""),
        ("captions en", "", "We ride all day"),
        ("captions en", "We ride all day", "We ride every day"),
        ("quote", "", "ride every day"),
    ]


def test_notes_stay_in_the_team(shop: Shop) -> None:
    token = shop.hand_in("Maya")
    note = remarks.add_note(shop.runtime, shop.id, token, " Ask her boss first ", shop.ada)
    assert [each.text for each in remarks.read(shop.runtime, shop.id, token).notes] == ["Ask her boss first"]
    refused("unknown_note", lambda: remarks.remove_note(shop.runtime, shop.id, token, note.id, shop.ben))
    refused("bad_note", lambda: remarks.add_note(shop.runtime, shop.id, token, " ", shop.ada))
    remarks.remove_note(shop.runtime, shop.id, token, note.id, shop.ada)
    assert remarks.read(shop.runtime, shop.id, token).notes == []


def test_the_balance_shows_who_is_published(shop: Shop) -> None:
    for rating in (5, 1):
        for number in range(10):
            token = shop.hand_in(f"{rating} {number}", rating=rating)
            keep = rating == 5 or number < 3
            shop.do(token, Act.APPROVE if keep else Act.REJECT, **({} if keep else {"reason": "Dark"}))
    found = balance.read(shop.runtime, shop.id)
    one = next(each for each in found.stars if each.rating == 1)
    assert (one.share, one.main_reasons, found.uneven) == (0.3, [("Dark", 7)], True)
    assert [each.rating for each in found.stars] == [5, 4, 3, 2, 1, None]


def test_edits_cannot_be_lost_with_the_member(shop: Shop) -> None:
    token = shop.hand_in("Maya", text="They fixed our bike and more")
    shop.do(token, Act.QUOTE, words="They fixed our bike")
    with shop.runtime.db.transaction() as transaction:
        transaction.execute(delete(Membership).where(Membership.member_id == shop.ada.member_id))
    (edit,) = remarks.read(shop.runtime, shop.id, token).edits
    assert (edit.member_name, edit.after) == ("ada", "They fixed our bike")
