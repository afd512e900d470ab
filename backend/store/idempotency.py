"""Idempotency-Key (IETF draft of that name): one key, one request, one deployment."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.ids import utc_now
from backend.errors.state import IdempotencyConflict
from backend.store.tables import IdempotencyTable as Row

KEPT = timedelta(hours=48)


async def lookup(session: AsyncSession, key: str, body_sha256: str) -> str | None:
    """The deployment created with this key, or None. Raises IdempotencyConflict on another body."""
    row = await session.get(Row, key)
    if row is None:
        return None
    if row.body_sha256 != body_sha256:
        detail = "This Idempotency-Key was used before with another body."
        raise IdempotencyConflict(detail)
    return row.deployment_id


async def remember(session: AsyncSession, key: str, body_sha256: str, deployment_id: str) -> None:
    """Store the key in the transaction that creates the deployment; delete expired keys."""
    oldest = (datetime.now(UTC) - KEPT).isoformat(timespec="milliseconds")
    await session.execute(delete(Row).where(Row.created_at < oldest))
    session.add(
        Row(key=key, body_sha256=body_sha256, deployment_id=deployment_id, created_at=utc_now())
    )
