"""The rules that need neither database nor request."""

from __future__ import annotations

import pytest

from testimonials.domain import uploads
from testimonials.domain.consent import known_scopes, text_hash
from testimonials.domain.failures import FAILURES, failure
from testimonials.domain.lifecycle import MEDIA_STEPS, MediaStatus, advance
from testimonials.domain.sharing import NETWORKS, Post
from testimonials.domain.uploads import UploadState
from testimonials.domain.widget_config import embed_snippet
from testimonials.errors import AppError, BadRequest, Conflict


def test_only_the_steps_in_the_table_can_be_taken() -> None:
    for now in MediaStatus:
        for to in MediaStatus:
            if to == now or to in MEDIA_STEPS[now]:
                assert advance(now, to) == to
            else:
                with pytest.raises(Conflict):
                    advance(now, to)


def test_a_failed_clip_always_has_a_way_back() -> None:
    assert MediaStatus.UPLOADED in MEDIA_STEPS[MediaStatus.FAILED]


def test_unknown_scopes_grant_nothing() -> None:
    assert known_scopes(["print", "social", "website", "social"]) == ["website", "social"]
    assert known_scopes([]) == []


def test_the_hash_is_of_the_exact_words() -> None:
    assert text_hash("a") != text_hash("a ")


@pytest.mark.parametrize("text", ["", "-1", "+5", " 5", "5_0", "5.0", "\u0665", "9" * 19, "0x5", "ten"])
def test_sizes_are_plain_digits(text: str) -> None:
    with pytest.raises(BadRequest):
        uploads.parse_size(text, "Upload-Length")


def test_metadata_is_read_as_the_protocol_says() -> None:
    assert uploads.parse_metadata("campaign c3ByaW5n, is_confidential,filename w7zDpMO2") == {
        "campaign": "spring",
        "is_confidential": "",
        "filename": "üäö",
    }
    assert uploads.parse_metadata("") == {}
    for broken in ("name ***", "name /w=="):
        with pytest.raises(BadRequest):
            uploads.parse_metadata(broken)


def test_the_length_is_said_once() -> None:
    open_state = UploadState(5, None)
    settled = uploads.declare_length(open_state, 10, 100)
    assert uploads.declare_length(settled, 10, 100) == settled
    for length in (11, 101, 4):
        with pytest.raises(AppError):
            uploads.declare_length(settled if length == 11 else open_state, length, 100)


def test_room_is_what_may_still_come() -> None:
    assert uploads.room(UploadState(5, 10), 100) == 5
    assert uploads.room(UploadState(5, None), 100) == 95


@pytest.mark.parametrize("name", [name for name, network in NETWORKS.items() if network.target])
def test_what_is_shared_cannot_break_out_of_the_address(name: str) -> None:
    target = NETWORKS[name].target
    assert target
    address = target(Post("https://x.example/s/1?a=b&c", 'Zoë "&#<script> 100%\n', title="T&t"))
    assert address.startswith({"email": "mailto:?", "sms": "sms:?"}.get(name, "https://"))
    assert not set(address) & set('"<> \n')
    assert "a%3Db%26c" in address


def test_the_snippet_escapes_what_it_holds() -> None:
    assert "<b>" not in embed_snippet('https://x.example"><b>', "token", "wall")
    assert "<b>" not in embed_snippet("https://x.example", "token", "wall", feed_url='https://y.example"><b>')


def test_the_snippet_names_the_pointer_where_a_cdn_has_the_feeds() -> None:
    assert " feed=" not in embed_snippet("https://x.example", "TOKEN", "wall")
    made = embed_snippet("https://x.example", "TOKEN", "wall", feed_url="https://cdn.example/feeds")
    assert 'src="https://x.example/widget/TOKEN" feed="https://cdn.example/feeds/TOKEN/current.json" style=' in made


def test_every_failure_speaks_to_both() -> None:
    for code, words in FAILURES.items():
        assert words.customer.endswith("."), code
        assert words.business.endswith("."), code
    assert failure("never heard of") == FAILURES["internal"]
