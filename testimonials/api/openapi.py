"""The OpenAPI document, from one table of operations. A test holds it against the routes that exist."""

from __future__ import annotations

import re
from typing import Any

from testimonials.domain.social import FORMATS
from testimonials.upkeep.operations import VERSION

# (method, path, what it does, success status)
OPERATIONS: tuple[tuple[str, str, str, int], ...] = (
    ("get", "/campaigns", "List campaigns", 200),
    ("post", "/campaigns", "Create a campaign from slug and name", 201),
    ("get", "/widgets", "List widgets", 200),
    ("post", "/widgets", "Create a widget", 201),
    ("get", "/testimonials", "List submitted testimonials, newest first", 200),
    ("get", "/testimonials/{token}", "Read one testimonial and how its processing stands", 200),
    ("patch", "/testimonials/{token}", "Replace its tags", 200),
    ("delete", "/testimonials/{token}", "Erase it: rows and every object", 200),
    ("post", "/testimonials/{token}/approve", "Approve", 200),
    ("post", "/testimonials/{token}/reject", "Reject, with a reason", 200),
    ("post", "/testimonials/{token}/reopen", "Take the verdict back", 200),
    ("post", "/testimonials/{token}/archive", "Put it away", 200),
    ("post", "/testimonials/{token}/retry", "Do again what failed", 202),
    ("post", "/testimonials/{token}/poster", "Choose another of the frames that are offered as its poster", 202),
    ("put", "/testimonials/{token}/focus", "Set the point that crops keep in view", 200),
    ("get", "/testimonials/{token}/captions/{language}", "Read the captions of a language, with their times", 200),
    ("put", "/testimonials/{token}/captions/{language}", "Replace them: by cues, or by the corrected text", 200),
    ("post", "/testimonials/{token}/social", "Have a clip for networks made, with captions burned in", 202),
)
BODIES: dict[str, dict[str, Any]] = {
    "post /campaigns": {
        "required": ["slug", "name"],
        "properties": {
            "slug": {"type": "string"},
            "name": {"type": "string"},
            "greeting": {"type": "string"},
            "brand_color": {"type": "string"},
            "max_seconds": {"type": "integer"},
            "max_frame_rate": {"enum": [30, 60]},
            "reduce_noise": {"type": "boolean"},
        },
    },
    "post /widgets": {
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "layout": {"type": "string"},
            "campaigns": {"type": "array", "items": {"type": "string"}},
        },
    },
    "patch /testimonials/{token}": {
        "required": ["tags"],
        "properties": {"tags": {"type": "array", "items": {"type": "string"}}},
    },
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
    "post /testimonials/{token}/reject": {"properties": {"reason": {"type": "string"}}},
}
FILTERS = ("media", "review", "campaign", "tag", "cursor")


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
    return operation
