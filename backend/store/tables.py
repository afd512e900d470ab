"""The tables. JSON columns contain serialized values of `domain`."""

from sqlalchemy import JSON, Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, object]


class Base(DeclarativeBase):
    """Base class of all tables."""

    type_annotation_map = {Json: JSON}  # noqa: RUF012  (SQLAlchemy reads it from the class)


class DeploymentTable(Base):
    """A deployment with its latest version and state. Kept after deletion, to return 410."""

    __tablename__ = "deployments"
    __table_args__ = (
        # The name of a deleted deployment can be used again.
        Index(
            "deployments_name",
            "name",
            unique=True,
            sqlite_where=text("state != 'deleted'"),
            postgresql_where=text("state != 'deleted'"),
        ),
        Index("deployments_state", "state"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(63))
    state: Mapped[str] = mapped_column(String(20))
    wanted: Mapped[str] = mapped_column(String(20))
    message: Mapped[str] = mapped_column(Text)
    task: Mapped[str | None] = mapped_column(String(60))
    port: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    generation: Mapped[int] = mapped_column(Integer)
    progress: Mapped[Json] = mapped_column()
    problem: Mapped[Json | None] = mapped_column()
    created_at: Mapped[str] = mapped_column(String(32))
    updated_at: Mapped[str] = mapped_column(String(32))


class VersionTable(Base):
    """The request, plan, receipt and proof of one version."""

    __tablename__ = "versions"

    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    request: Mapped[Json] = mapped_column()
    plan: Mapped[Json | None] = mapped_column()
    prepared: Mapped[Json | None] = mapped_column()
    proof: Mapped[Json | None] = mapped_column()
    result: Mapped[Json | None] = mapped_column()
    created_at: Mapped[str] = mapped_column(String(32))


class ServerTable(Base):
    """A model server that was started, with the handle to find it again."""

    __tablename__ = "servers"
    __table_args__ = (Index("servers_deployment", "deployment_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"))
    version: Mapped[int] = mapped_column(Integer)
    generation: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    handle: Mapped[Json] = mapped_column()
    memory: Mapped[Json | None] = mapped_column()
    started_at: Mapped[str] = mapped_column(String(32))
    ended_at: Mapped[str | None] = mapped_column(String(32))


class AttemptTable(Base):
    """One run of the pipeline for a subject; `kind` allows for batch jobs and fine-tuning."""

    __tablename__ = "attempts"
    __table_args__ = (Index("attempts_subject", "subject"), Index("attempts_state", "state"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(ForeignKey("deployments.id"))
    kind: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    generation: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    elapsed_seconds: Mapped[float] = mapped_column(Float)
    created_at: Mapped[str] = mapped_column(String(32))
    ended_at: Mapped[str | None] = mapped_column(String(32))


class EventTable(Base):
    """The event log of a subject: `seq` starts at 1, without gaps."""

    __tablename__ = "events"

    subject: Mapped[str] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    type: Mapped[str] = mapped_column(String(20))
    body: Mapped[Json] = mapped_column()


class IdempotencyTable(Base):
    """The request of an Idempotency-Key, and the deployment that it created."""

    __tablename__ = "idempotency"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_sha256: Mapped[str] = mapped_column(String(64))
    deployment_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[str] = mapped_column(String(32))


class LoadTestTable(Base):
    """A load test of a deployment, with its figures."""

    __tablename__ = "load_tests"
    __table_args__ = (
        Index("load_tests_deployment", "deployment_id"),
        Index("load_tests_state", "state"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"))
    state: Mapped[str] = mapped_column(String(20))
    body: Mapped[Json] = mapped_column()
