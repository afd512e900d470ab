"""Base class of all expected errors. This package imports no other package of Slipway."""

from typing import ClassVar

from backend.errors.problem import FieldError, Problem


class PlatformError(Exception):
    """An expected error: the class is the catalogue entry, the instance adds the facts.

    Subclasses set `code`, `title`, `status` and `remedy`. Names in braces in `remedy` are filled
    with the keyword arguments. Texts are shown to users: no secrets, paths or tracebacks.
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
        """Return the error as problem details (RFC 9457); `step` is the failed pipeline step."""
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
    """A problem that another process (a worker, a model server) created; passed on unchanged."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.made = problem

    def problem(
        self, step: str | None = None, *, instance: str | None = None, request_id: str | None = None
    ) -> Problem:
        """Return the original problem with the current step, instance and request ID."""
        changed: dict[str, object] = {"step": step or self.made.step}
        if instance:
            changed["instance"] = instance
        if request_id:
            changed["request_id"] = request_id
        return self.made.model_copy(update=changed)
