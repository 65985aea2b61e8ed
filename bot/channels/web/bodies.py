"""What clients send to the conversations API (spec/api.md)."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    StrictBool,
    StrictStr,
    ValidationError,
    model_validator,
)
from starlette.requests import ClientDisconnect, Request

from bot.fastjson import read

MAX_ID = 64
# Where the holidays are known and days can still be counted on.
_DEMO_FROM, _DEMO_UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
_B = TypeVar("_B", bound=BaseModel)


def _whole(value: Any) -> Any:
    """A text whose halves of characters (an emoji that a field's limit cut) are made readable."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


Words = Annotated[StrictStr, BeforeValidator(_whole)]


class NewConversation(BaseModel):
    """Body of POST /api/conversations."""

    identity_token: StrictStr | None = None
    demo_now: AwareDatetime | None = Field(None, ge=_DEMO_FROM, le=_DEMO_UNTIL)


class NewMessage(BaseModel):
    """Body of POST …/messages: a text or a choice, never both."""

    client_message_id: UUID
    text: Words | None = Field(None, max_length=20_000)
    choice: StrictStr | None = Field(None, max_length=MAX_ID)

    @model_validator(mode="after")
    def _one_of_them(self) -> "NewMessage":
        if (self.text is None) == (self.choice is None):
            raise ValueError("text or choice")
        return self


class Feedback(BaseModel):
    """Body of POST …/feedback."""

    helpful: StrictBool
    comment: Words | None = Field(None, max_length=1000)


async def body_of(request: Request, model: type[_B]) -> _B:
    """The request's JSON as `model`. Raises RequestValidationError, as FastAPI does."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind != "application/json" and not kind.endswith("+json"):
            raise ValueError("not JSON")
        return model.model_validate(read(await request.body()))
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False)) from None
    except (ValueError, RecursionError, ClientDisconnect):  # no JSON, no UTF-8, too deep, gone
        raise RequestValidationError([]) from None


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The body's entry in the API's description."""
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
