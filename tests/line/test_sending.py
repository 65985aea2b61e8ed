"""Reply first, push only where the reply cannot go out, and never twice."""

from datetime import timedelta

import pytest

from bot.channels.line.store import Waiting
from bot.clock import utc_now
from bot.database import create_engine, session_factory
from bot.settings import Settings
from tests.line.platform import SPEC_MISSING, TIMEOUT
from tests.line.world import World, world

LIMIT = (429, "The API rate limit has been exceeded. Try again later.", False)
BROKEN, BROKEN_DONE = (500, "Internal error", False), (500, "Internal error", True)


async def test_an_old_reply_token_becomes_a_push(line: World) -> None:
    event = line.text("古い")
    event["timestamp"] -= 21 * 60 * 1000
    assert len(await line.say(event)) == 1
    assert line.platform.bodies("reply") == [] and line.deliveries() == {"pushed": 1}


async def test_a_refused_token_becomes_a_push_with_a_retry_key(line: World) -> None:
    event = line.text("使われた")
    event["replyToken"] = "never-issued"
    assert len(await line.say(event)) == 1
    keys = [key for path, _, key in line.platform.requests if path.endswith("push")]
    assert len(keys) == 1 and keys[0]
    assert all(key is None for path, _, key in line.platform.requests if path.endswith("reply"))


async def test_a_broken_reply_is_sent_once_more_and_never_doubled(line: World) -> None:
    line.platform.fail("reply", BROKEN)
    assert len(await line.say(line.text("一"))) == 1
    line.platform.fail("reply", BROKEN_DONE)
    assert len(await line.say(line.text("二"))) == 1
    line.platform.fail("reply", BROKEN, BROKEN)
    assert await line.say(line.text("三")) == []
    assert line.platform.bodies("push") == []
    assert line.deliveries() == {"replied": 2, "unsure": 1}


async def test_a_reply_that_times_out_is_not_doubled(line: World) -> None:
    line.platform.fail("reply", (TIMEOUT, "", True))
    assert len(await line.say(line.text("遅い"))) == 1
    assert len(line.platform.bodies("reply")) == 2 and line.platform.bodies("push") == []


async def test_push_retries_with_one_key_and_takes_409_for_success(line: World) -> None:
    event = line.text("押す", replyToken="never-issued")
    line.platform.fail("push", BROKEN, BROKEN_DONE)
    assert len(await line.say(event)) == 1
    keys = {key for path, _, key in line.platform.requests if path.endswith("push")}
    assert len(line.platform.bodies("push")) == 3 and len(keys) == 1
    assert line.deliveries() == {"pushed": 1}


@pytest.mark.parametrize(("path", "token"), [("reply", None), ("push", "never-issued")])
async def test_rate_limits_are_not_hammered(line: World, path: str, token: str | None) -> None:
    line.platform.fail(path, LIMIT)
    event = line.text("速すぎる")
    event["replyToken"] = token or event["replyToken"]
    assert await line.say(event) == []
    assert len(line.platform.bodies(path)) == 1 and line.deliveries() == {"limited": 1}


async def test_after_the_quota_nothing_is_pushed_until_next_month(
    sqlite_settings: Settings,
) -> None:
    engine = create_engine(sqlite_settings.resolved_database_url())
    async with world(sqlite_settings, session_factory(engine), quota=1) as line:
        for n in range(4):
            await line.say(line.text(f"{n}", replyToken="never-issued"))
        assert line.deliveries() == {"pushed": 1, "quota": 3}
        assert len(line.platform.bodies("push")) == 2  # the second one was told 429
        assert len(await line.say(line.text("返信はできる"))) == 1
        line.clock.ahead += timedelta(days=32)
        line.platform.line.quota = None
        assert len(await line.say(line.text("翌月", replyToken="never-issued"))) == 1
    engine.dispose()


async def test_nothing_is_pushed_to_who_has_blocked(line: World) -> None:
    line.dialogue.delay_s = 0.5
    await line.post(line.text("質問", replyToken="never-issued"))
    gone = line.event("unfollow")
    gone["timestamp"] += 10_000
    await line.post(gone)
    await line.idle()
    again = line.text("届かない", replyToken="never-issued")
    line.channel.store.change_source(line.user, blocked=True)
    assert len(await line.say(again)) == 1  # who writes does not block
    assert line.platform.line.user(line.user).blocked is False


async def test_a_refused_form_becomes_plain_text(line: World) -> None:
    line.platform.fail(
        "reply", (400, "A message (messages[0]) in the request body is invalid", False)
    )
    await line.say(line.event("follow"))
    first, second = line.platform.bodies("reply")
    assert "quickReply" in first["messages"][-1]
    assert all(set(m) == {"type", "text"} for m in second["messages"])


async def test_a_revoked_token_is_said_and_not_repeated(line: World) -> None:
    line.platform.fail("reply", (401, "Authentication failed", False))
    assert await line.say(line.text("x")) == []
    assert len(line.platform.bodies("reply")) == 1 and line.deliveries() == {"refused": 1}


async def test_a_crash_in_mid_sending_doubles_nothing(line: World) -> None:
    """The reply went out, the process died before it was noted: the token blocks a double."""
    event = line.text("一度だけ")
    await line.say(event)
    waiting = Waiting(
        "id", line.user, "message", event["timestamp"],
        {"reply_token": event["replyToken"]}, utc_now(), 2, None, None, "reply",
    )  # fmt: skip
    from bot.channels.line.send import Sender

    before = len(line.platform.texts(line.user))
    source = line.channel.store.source(line.user)
    sender = Sender(line.channel.api, _Notes(), utc_now)  # type: ignore[arg-type]
    assert await sender.send(waiting, source, [{"type": "text", "text": "x"}]) == "replied"
    assert len(line.platform.texts(line.user)) == before and line.platform.bodies("push") == []


async def test_a_turn_that_fails_in_the_pipe_is_told(line: World) -> None:
    line.dialogue.crash = RuntimeError("broken")
    event = line.text("壊れる")
    await line.post(event)
    await line.idle(40)
    # The pipe itself answers every failed turn; nothing is left for the channel to give up.
    assert "ただいま確認ができません" in "".join(line.platform.texts(line.user))
    assert "failed" not in line.deliveries()


def test_every_body_was_checked_against_the_api() -> None:
    from tests.line.platform import _validator

    check = _validator()
    if check is None:
        pytest.skip(SPEC_MISSING)
    assert check("PushMessageRequest", {"to": "U", "messages": [{"type": "text"}]})


class _Notes:
    def delivering(self, event_id: str, how: str) -> None:
        """Nothing is kept."""

    def has_delivery(self, delivery: str, since: object) -> bool:
        """Never."""
        return False
