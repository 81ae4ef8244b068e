"""What Alembic runs: always on a connection that `testimonials.migrations` hands over."""

from typing import Literal

from alembic import context

from testimonials.models import Base


def _render(kind: str, thing: object, _context: object) -> str | Literal[False]:
    # Migrations must not depend on our types, which may change: the plain SQL type is written instead.
    if kind == "type" and type(thing).__name__ == "UtcTime":
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
