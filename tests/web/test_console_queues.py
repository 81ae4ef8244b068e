"""The queues of the console: conversions that wait and are taken back, rules, lists of codes, rewards that are given."""

from __future__ import annotations

import io

from sqlalchemy import func, select

from testimonials.domain.rewards import read_codes
from testimonials.models import Coupon, Reward, RewardRule, Testimonial
from testimonials.runtime import Runtime
from testimonials.services import conversions, rewards
from tests.conftest import Someone
from tests.month import converted, shared, shown
from tests.web.test_console_sharing import NAUGHTY


# -- conversions -------------------------------------------------------------------------------------------------------
def test_conversions_wait_are_counted_and_taken_back(runtime: Runtime, owner: Someone, moderator: Someone) -> None:
    maya = shown(runtime, owner.workspace_id, NAUGHTY)
    first, last = shared(runtime, maya, network="x"), shared(runtime, maya, network="linkedin")
    found = converted(
        runtime, owner.workspace_id, first, last, key=f"k{NAUGHTY}"[:120], currency="JPY", value_cents=5000
    )
    page = moderator.client.get("/console/conversions").text
    assert "¥5,000" in page
    assert page.index("First touch:") < page.index("Last touch:")
    assert "<img src=x" not in page
    answer = moderator.client.post(f"/console/conversions/{found.id}/approve")
    assert answer.status_code == 303
    assert "Undo" in moderator.client.get(answer.headers["Location"]).text
    assert found.key[:20].replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;") in (
        moderator.client.get("/console/conversions?state=approved").text
    )
    moderator.client.post(f"/console/conversions/{found.id}/reopen")
    assert conversions.waiting(runtime, owner.workspace_id) == 1
    moderator.client.post(f"/console/conversions/{found.id}/reject")
    assert conversions.told(runtime, owner.workspace_id, state="rejected")[0].conversion.id == found.id
    assert owner.client.post("/console/conversions/window", data={"days": "14"}).status_code == 303
    for days in ("0", "366", "x", "-1", "9" * 30):
        assert owner.client.post("/console/conversions/window", data={"days": days}).status_code == 422
    before = conversions.reporting(runtime, owner.workspace_id)
    assert before.attribution_days == 14
    assert owner.client.post("/console/conversions/token").status_code == 303
    after = conversions.reporting(runtime, owner.workspace_id).token
    assert after != before.token
    assert after in owner.client.get("/console/conversions").text
    assert owner.client.post(f"/conversions/{before.token}", json={"key": "x"}).status_code == 404


# -- rewards -----------------------------------------------------------------------------------------------------------
def test_rules_codes_and_rewards(runtime: Runtime, owner: Someone) -> None:
    page = "/console/rewards"
    form = {
        "promise": f"10 € {NAUGHTY}"[:300],
        "threshold": "5",
        "each_at_most": "2",
        "all_at_most": "0",
        "active": "on",
    }
    assert owner.client.post("/console/campaigns/spring/rewards/visits", data=form).status_code == 303
    assert "No code" in owner.client.get(page).text, "a warning before anybody waits"
    for wrong in ({"promise": ""}, {"threshold": "0"}, {"threshold": "many"}, {"each_at_most": "5000"}):
        refused = owner.client.post("/console/campaigns/spring/rewards/visits", data={**form, **wrong})
        assert refused.status_code == 422, wrong
    assert owner.client.post("/console/campaigns/spring/rewards/praise", data=form).status_code == 422
    (standing,) = rewards.rules(runtime, owner.workspace_id, "spring")
    rule = standing.rule
    assert (rule.threshold, rule.each_at_most, rule.active) == (5, 2, True)
    body = f"code,note\nA-1,x\nA-2,\nA-1,again\n,nothing\n{'x' * 81}\n<script>alert(1)</script>\n".encode()
    answer = owner.client.post(f"{page}/rules/{rule.id}/codes", data={"codes": (io.BytesIO(body), "c.csv")})
    assert answer.status_code == 200
    assert "3 new codes" in answer.text
    assert "1 stand in the file more than once" in answer.text
    assert "Line 5:" in answer.text
    assert "Line 6:" in answer.text
    assert "<script>alert" not in answer.text
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Coupon)) == 0, "a look writes nothing"
    for wrong_body, status in ((b"\xff\xfe\x00", 422), (b"", 422), (b"x" * 400_001, 413)):
        wrong_file = {"codes": (io.BytesIO(wrong_body), "c.csv")}
        assert owner.client.post(f"{page}/rules/{rule.id}/codes", data=wrong_file).status_code == status
    assert owner.client.post(f"{page}/rules/{rule.id}/coupons", data={"codes": "A-1\r\nA-2"}).status_code == 303
    earned = [_earned(runtime, owner, rule, shown(runtime, owner.workspace_id, NAUGHTY)) for _ in range(3)]
    text = owner.client.get(page).text
    assert "Most of the visits came within an hour." in text
    assert "<img src=x" not in text
    given = owner.client.post(f"{page}/{earned[0]}/approve")
    assert "A-1" in given.text
    assert "sends no mail" in given.text
    answer = owner.client.post(f"{page}/{earned[1]}/reject")
    assert "Undo" in owner.client.get(answer.headers["Location"]).text
    assert owner.client.post(f"{page}/{earned[1]}/reopen").status_code == 303
    assert owner.client.post(f"{page}/{earned[1]}/approve").status_code == 200
    spent = owner.client.post(f"{page}/{earned[2]}/approve")
    assert spent.status_code == 409
    assert "no codes left" in spent.text


def _earned(runtime: Runtime, owner: Someone, rule: RewardRule, testimonial: Testimonial) -> str:
    with runtime.db.transaction() as transaction:
        reward = Reward(
            workspace_id=owner.workspace_id, rule_id=rule.id, testimonial_id=testimonial.id, number=1, doubts=["fast"]
        )
        transaction.add(reward)
        transaction.flush()
        return reward.id


def test_a_list_of_codes_is_read_as_it_comes() -> None:
    assert read_codes("\ufeffCoupon\nA\nB\r\n\n A \n").codes == ["A", "B"]
    assert read_codes('"with, comma";x\n').codes == ["with, comma;x"]
    assert read_codes("a\x00b\nfine").codes in (["fine"], []), "no byte that is no text"
    assert read_codes("\u202e\nfine").bad == [(1, "It holds a character that cannot be printed.")]
