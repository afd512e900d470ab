"""The base of every expected failure. This package imports nothing of ours."""

from typing import ClassVar

from backend.errors.problem import FieldError, Problem


class PlatformError(Exception):
    """An expected failure: a catalogue entry (class) with the facts of this time (instance).

    Subclasses set `code`, `title`, `status` and `remedy`; `remedy` may name facts in braces, which
    are passed as keywords. Texts are shown to people: no secrets, no paths, no traces.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[int]
    remedy: ClassVar[str]
    error_type: ClassVar[str] = "validation"
    retryable: ClassVar[bool] = False
    facts: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        detail: str,
        *,
        errors: tuple[FieldError, ...] = (),
        retry_after: float | None = None,
        **facts: object,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after
        self.values = facts

    def problem(
        self, step: str | None = None, *, instance: str | None = None, request_id: str | None = None
    ) -> Problem:
        """Render for people and clients; `step` names where a deployment failed."""
        return Problem(
            type=f"/errors/{self.code}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=instance,
            code=self.code,
            remedy=self.remedy.format(**self.values),
            step=step,
            retryable=self.retryable,
            error=self.detail,
            error_type=self.error_type,
            request_id=request_id,
            errors=list(self.errors),
        )


class ProblemError(PlatformError):
    """A problem that was made elsewhere (a worker, a model server) and travels on unchanged."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.made = problem

    def problem(
        self, step: str | None = None, *, instance: str | None = None, request_id: str | None = None
    ) -> Problem:
        """The problem as it was made, with the step and request that carried it here."""
        changed: dict[str, object] = {"step": step or self.made.step}
        if instance:
            changed["instance"] = instance
        if request_id:
            changed["request_id"] = request_id
        return self.made.model_copy(update=changed)
