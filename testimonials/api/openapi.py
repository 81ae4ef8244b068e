"""The OpenAPI document, from one table of operations. A test holds it against the routes that exist."""

from __future__ import annotations

import re
from typing import Any

from testimonials.domain.campaigns import (
    ADDRESS_CHARACTERS,
    ALL_NETWORKS,
    FRAME_RATES,
    LABEL_CHARACTERS,
    MIN_SECONDS,
    NAME_CHARACTERS,
    QUESTION_CHARACTERS,
    TEXT_CHARACTERS,
    TRANSLATED,
)
from testimonials.domain.collecting import MAX_QUESTIONS, WAYS
from testimonials.domain.experiments import KINDS
from testimonials.domain.sharing import MAX_TEXT, NETWORKS
from testimonials.domain.sites import MOST_SITES, SITE_CHARACTERS
from testimonials.domain.social import FORMATS
from testimonials.domain.widget_config import (
    LAYOUTS,
    MAX_ADDRESS,
    MAX_LABEL,
    MAX_PINS,
    MAX_RATING,
    MAX_UTM,
    SORTS,
    UTM,
)
from testimonials.i18n import LANGUAGES
from testimonials.services.moderation import BULK_ACTS, MOST_AT_ONCE
from testimonials.services.rejections import MOST_MESSAGE
from testimonials.upkeep.operations import VERSION

# (method, path, what it does, success status)
OPERATIONS: tuple[tuple[str, str, str, int], ...] = (
    ("get", "/campaigns", "List campaigns", 200),
    ("post", "/campaigns", "Create a campaign from slug and name", 201),
    ("get", "/campaigns/{slug}", "Read one campaign", 200),
    ("patch", "/campaigns/{slug}", "Change what is named; the rest stays", 200),
    ("put", "/campaigns/{slug}/logo", "Set the logo: the body is a PNG, JPEG or WebP of at most 2 MB", 200),
    ("delete", "/campaigns/{slug}/logo", "Remove the logo", 200),
    ("get", "/campaigns/{slug}/consent-texts", "List all versions of the consent text, newest first", 200),
    ("post", "/campaigns/{slug}/consent-texts", "Put a new version in force, by language", 201),
    ("get", "/campaigns/{slug}/invitations", "List invitations, newest first", 200),
    (
        "post",
        "/campaigns/{slug}/invitations",
        "Invite a customer; 200 where the order reference was invited before",
        201,
    ),
    ("delete", "/campaigns/{slug}/invitations/{token}", "Delete an invitation that was not used", 204),
    ("get", "/testimonials/{token}/shares", "Who shared it, and whom that brought, as a tree", 200),
    ("get", "/networks", "What sharing through each network brought", 200),
    ("get", "/campaigns/{slug}/rewards", "What customers get, and how many codes are left", 200),
    (
        "put",
        "/campaigns/{slug}/rewards/{cause}",
        "Set what they get for a testimonial, for visits or for conversions",
        200,
    ),
    ("post", "/rewards/rules/{rule_id}/coupons", "Add codes of your shop to a rule", 201),
    ("get", "/rewards", "List rewards that wait for approval, or of another state", 200),
    ("post", "/rewards/{reward_id}/approve", "Give a code", 200),
    ("post", "/rewards/{reward_id}/reject", "Do not give it", 204),
    ("get", "/conversions", "List conversions, newest first", 200),
    ("post", "/conversions", "Report a conversion from your server, with an Idempotency-Key", 201),
    ("post", "/conversions/{conversion_id}/approve", "Count it", 200),
    ("post", "/conversions/{conversion_id}/reject", "Do not count it", 200),
    ("get", "/widgets", "List widgets", 200),
    ("post", "/widgets", "Create a widget", 201),
    ("get", "/widgets/{token}", "Read one widget, and when it was last seen on a page", 200),
    ("patch", "/widgets/{token}", "Change what is named; the rest stays", 200),
    ("delete", "/widgets/{token}", "Delete it", 204),
    ("get", "/experiments", "List experiments, newest first; rates by arm once they may be read", 200),
    ("post", "/experiments", "Make a draft; the number of visitors follows from the two percentages", 201),
    ("get", "/experiments/{experiment_id}", "Read one experiment", 200),
    ("post", "/experiments/{experiment_id}/start", "Split visitors from now on", 200),
    ("post", "/experiments/{experiment_id}/stop", "Stop it early, without an answer", 200),
    ("delete", "/experiments/{experiment_id}", "Delete one that does not run", 204),
    ("get", "/testimonials", "List submitted testimonials, newest first", 200),
    ("get", "/testimonials/{token}", "Read one testimonial and how its processing stands", 200),
    ("patch", "/testimonials/{token}", "Set its tags, quote, assignee, or whether it is featured; the rest stays", 200),
    ("delete", "/testimonials/{token}", "Erase it: rows and every object", 200),
    ("post", "/testimonials/{token}/approve", "Approve", 200),
    ("post", "/testimonials/{token}/reject", "Reject, with a reason", 200),
    ("post", "/testimonials/{token}/reopen", "Take the verdict back", 200),
    ("post", "/testimonials/{token}/archive", "Put it away", 200),
    ("post", "/testimonials/{token}/restore", "Take it out of the archive", 200),
    ("post", "/testimonials/bulk", "Do one act to at most a hundred; what refuses it is named", 200),
    ("post", "/acts/{act_id}/undo", "Take an act of the API back, as far as nobody has changed it since", 200),
    ("get", "/testimonials/{token}/notes", "Read the team's notes, oldest first", 200),
    ("post", "/testimonials/{token}/notes", "Add a note for the team", 201),
    ("get", "/tags", "List the tags of the workspace, by name", 200),
    ("post", "/testimonials/{token}/retry", "Do again what failed", 202),
    ("post", "/testimonials/{token}/poster", "Choose another of the frames that are offered as its poster", 202),
    ("put", "/testimonials/{token}/focus", "Set the point that crops keep in view", 200),
    ("get", "/testimonials/{token}/captions/{language}", "Read the captions of a language, with their times", 200),
    ("put", "/testimonials/{token}/captions/{language}", "Replace them: by cues, or by the corrected text", 200),
    ("post", "/testimonials/{token}/social", "Have a clip for networks made, with captions burned in", 202),
)
_QUESTIONS: dict[str, Any] = {
    "type": "array",
    "maxItems": MAX_QUESTIONS,
    "items": {
        "type": "object",
        "required": ["text"],
        "properties": {name: {"type": "string", "maxLength": QUESTION_CHARACTERS} for name in ("text", "hint")},
    },
}
_TEXTS: dict[str, Any] = {name: {"type": "string", "maxLength": TEXT_CHARACTERS} for name in TRANSLATED}
_CAMPAIGN: dict[str, Any] = {
    "name": {"type": "string", "maxLength": NAME_CHARACTERS},
    "language": {"enum": list(LANGUAGES)},
    **_TEXTS,
    "questions": _QUESTIONS,
    "translations": {
        "type": "object",
        "propertyNames": {"enum": list(LANGUAGES)},
        "additionalProperties": {"type": "object", "properties": {**_TEXTS, "questions": _QUESTIONS}},
    },
    "ways": {"type": "array", "minItems": 1, "items": {"enum": list(WAYS)}},
    "one_by_one": {"type": "boolean"},
    "asks_guardian": {"type": "boolean"},
    "brand_color": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"},
    "max_seconds": {"type": "integer", "minimum": MIN_SECONDS},
    "max_frame_rate": {"enum": list(FRAME_RATES)},
    "reduce_noise": {"type": "boolean"},
    "action_label": {"type": "string", "maxLength": LABEL_CHARACTERS},
    "action_url": {"type": "string", "maxLength": ADDRESS_CHARACTERS},
    "share_texts": {
        "type": "object",
        "propertyNames": {"enum": [ALL_NETWORKS, *NETWORKS]},
        "additionalProperties": {"type": "string", "maxLength": MAX_TEXT},
    },
    "asks_to_share": {"type": "boolean"},
    "redirect_url": {"type": "string", "maxLength": ADDRESS_CHARACTERS},
    "sites": {"type": "array", "maxItems": MOST_SITES, "items": {"type": "string", "maxLength": SITE_CHARACTERS}},
}
_WIDGET: dict[str, Any] = {
    "name": {"type": "string"},
    "layout": {"enum": list(LAYOUTS)},
    "campaigns": {"type": "array", "items": {"type": "string"}},
    "share": {"type": "array", "items": {"enum": list(NETWORKS)}},
    "theme": {"type": "object", "properties": {name: {"type": "string"} for name in ("accent", "surface", "radius")}},
    "sort": {"enum": list(SORTS)},
    "tags": {"type": "array", "items": {"type": "string"}},
    "min_rating": {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_RATING},
    "languages": {"type": "array", "items": {"enum": list(LANGUAGES)}},
    "pins": {"type": "array", "maxItems": MAX_PINS, "items": {"type": "string"}},
    "call": {
        "type": ["object", "null"],
        "properties": {
            "label": {"type": "string", "maxLength": MAX_LABEL},
            "url": {"type": "string", "maxLength": MAX_ADDRESS, "pattern": "^https://"},
            "utm": {"type": "object", "properties": {name: {"type": "string", "maxLength": MAX_UTM} for name in UTM}},
        },
    },
}
BODIES: dict[str, dict[str, Any]] = {
    "post /campaigns": {"required": ["slug", "name"], "properties": {"slug": {"type": "string"}, **_CAMPAIGN}},
    "patch /campaigns/{slug}": {"properties": _CAMPAIGN},
    "post /campaigns/{slug}/consent-texts": {
        "required": ["texts"],
        "properties": {"texts": {"type": "object", "additionalProperties": {"type": "string"}}},
    },
    "post /campaigns/{slug}/invitations": {
        "properties": {name: {"type": "string"} for name in ("name", "email", "order_reference", "language")},
    },
    "post /widgets": {
        "required": ["name"],
        "properties": _WIDGET,
    },
    "patch /widgets/{token}": {"properties": _WIDGET},
    "post /experiments": {
        "required": ["widget", "name"],
        "properties": {
            "widget": {"type": "string"},
            "name": {"type": "string"},
            "kind": {"enum": list(KINDS)},
            "layout_a": {"enum": list(LAYOUTS)},
            "layout_b": {"enum": list(LAYOUTS)},
            "expected_percent": {"type": "number", "exclusiveMinimum": 0},
            "smallest_points": {"type": "number", "exclusiveMinimum": 0},
        },
    },
    "patch /testimonials/{token}": {
        "properties": {
            "tags": {"type": "array", "items": {"type": "string"}},
            "featured": {"type": "boolean"},
            "assignee": {"type": ["string", "null"]},
            "quote": {"type": ["string", "null"]},
        },
    },
    "post /testimonials/bulk": {
        "required": ["testimonials", "act"],
        "properties": {
            "testimonials": {"type": "array", "minItems": 1, "maxItems": MOST_AT_ONCE, "items": {"type": "string"}},
            "act": {"enum": list(BULK_ACTS)},
            "reason": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    },
    "post /testimonials/{token}/notes": {"required": ["text"], "properties": {"text": {"type": "string"}}},
    "post /testimonials/{token}/poster": {"required": ["candidate"], "properties": {"candidate": {"type": "string"}}},
    "put /testimonials/{token}/focus": {
        "required": ["x", "y"],
        "properties": {name: {"type": "number", "minimum": 0, "maximum": 1} for name in ("x", "y")},
    },
    "put /testimonials/{token}/captions/{language}": {
        "properties": {
            "text": {"type": "string"},
            "cues": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["start_seconds", "end_seconds", "text"],
                    "properties": {
                        "start_seconds": {"type": "number"},
                        "end_seconds": {"type": "number"},
                        "text": {"type": "string"},
                    },
                },
            },
        },
    },
    "post /testimonials/{token}/social": {
        "required": ["format"],
        "properties": {
            "format": {"enum": list(FORMATS)},
            **{name: {"type": "boolean"} for name in ("captions", "intro", "outro")},
            **{name: {"type": "number", "minimum": 0, "maximum": 1} for name in ("focus_x", "focus_y")},
        },
    },
    "post /testimonials/{token}/reject": {
        "properties": {"reason": {"type": "string"}, "message": {"type": "string", "maxLength": MOST_MESSAGE}},
    },
}
PICTURES = {"put /campaigns/{slug}/logo": ("image/png", "image/jpeg", "image/webp")}
"""Bodies that are a picture."""
FILTERS = (
    "q", "media", "review", "campaign", "kind", "rating", "language", "tag", "assignee", "trouble", "cursor",
)  # fmt: skip


def document(base_url: str) -> dict[str, Any]:
    """OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, summary, status in OPERATIONS:
        paths.setdefault(path, {})[method] = _operation(method, path, summary, status)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Testimonials", "version": VERSION},
        "servers": [{"url": f"{base_url}/api/v1"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(method: str, path: str, summary: str, status: int) -> dict[str, Any]:
    problem = {
        "description": "A problem",
        "content": {"application/problem+json": {"schema": {"type": "object"}}},
    }
    operation: dict[str, Any] = {
        "summary": summary,
        "operationId": f"{method}{path}".replace("/", "_").replace("{", "").replace("}", ""),
        "responses": {
            str(status): {
                "description": "OK",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "default": problem,
        },
    }
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    if (method, path) == ("get", "/testimonials"):
        parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in FILTERS]
    if parameters:
        operation["parameters"] = parameters
    if body := BODIES.get(f"{method} {path}"):
        operation["requestBody"] = {"content": {"application/json": {"schema": {"type": "object", **body}}}}
    if kinds := PICTURES.get(f"{method} {path}"):
        operation["requestBody"] = {"content": {kind: {} for kind in kinds}}
    return operation
