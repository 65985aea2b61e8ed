"""Reply first, push only where the reply cannot go out, and never twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.line.client import LineApi, LineUnreachable
from bot.channels.line.records import Waiting
from bot.channels.line.send import Sender
from bot.clock import utc_now
from tests.line.platform import SPEC_MISSING, TIMEOUT
from tests.line.world import World

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
async def test_a_rate_limit_is_waited_for_and_holds_up_nobody(
    line_on_both: World, path: str, token: str | None
) -> None:
    line = line_on_both
    line.platform.fail(path, LIMIT)
    event = line.text("速すぎる")
    event["replyToken"] = token or event["replyToken"]
    assert (await line.post(event)).status_code == 200
    await line.until_put_off()
    assert len(line.platform.bodies(path)) == 1 and line.platform.texts(line.user) == []
    assert (await line.post(line.text("次の質問"))).status_code == 200
    await line.until(lambda: len(line.platform.texts(line.user)) == 1)
    line.clock.ahead += timedelta(seconds=4)
    await line.idle()
    assert ["速すぎる" in text for text in line.platform.texts(line.user)] == [False, True]
    same = [body["messages"] for body in line.platform.bodies(path)]
    assert same[0] in same[1:] and len(line.dialogue.requests) == 2
    assert line.deliveries() == ({"replied": 2} if path == "reply" else {"pushed": 1, "replied": 1})


async def test_an_answer_that_waited_too_long_for_its_token_is_pushed(line: World) -> None:
    line.platform.fail("reply", LIMIT)
    await line.post(line.text("あとで"))
    await line.until_put_off()
    line.clock.ahead += timedelta(seconds=70)
    await line.idle()
    assert len(line.platform.texts(line.user)) == 1 and line.deliveries() == {"pushed": 1}


async def test_tries_are_bounded_and_staff_see_it(line: World) -> None:
    line.platform.fail("push", *[LIMIT] * 30)
    await line.post(line.text("ずっと混雑", replyToken="never-issued"))
    for _ in range(6):
        await line.until_put_off()
        line.clock.ahead += timedelta(minutes=40)
    await line.idle()
    assert len(line.platform.bodies("push")) == 7
    keys = {key for path, _, key in line.platform.requests if path.endswith("push")}
    assert len(keys) == 1
    since = line.clock() - timedelta(days=1)
    [(_, how, talk)] = line.channel.report.undelivered(["limited"], since)
    assert how == "limited" and talk != "-"


async def test_a_push_without_an_answer_is_tried_later_with_the_same_key(line: World) -> None:
    line.platform.fail("push", BROKEN, BROKEN, BROKEN, BROKEN_DONE)
    await line.post(line.text("届いたのか", replyToken="never-issued"))
    await line.until_put_off()
    assert len(line.platform.texts(line.user)) == 1
    line.clock.ahead += timedelta(seconds=4)
    await line.idle()
    keys = {key for path, _, key in line.platform.requests if path.endswith("push")}
    assert len(line.platform.bodies("push")) == 5 and len(keys) == 1
    assert len(line.platform.texts(line.user)) == 1 and line.deliveries() == {"pushed": 1}


async def test_a_platform_that_nobody_reaches_is_tried_later(line: World) -> None:
    class Away:
        async def reply(self, *_: object) -> None:
            raise LineUnreachable

        push = reply

        async def quota(self) -> tuple[int | None, int]:
            raise LineUnreachable

    event = Waiting(
        "e", line.user, "message", int(line.clock.seconds() * 1000),
        {"reply_token": "t"}, utc_now(), 1, None, None, None,
    )  # fmt: skip
    await line.say(line.text("ある人"))
    source = line.channel.store.source(line.user)
    sender = Sender(Away(), _Notes(), line.channel.report, utc_now, _no_pause)
    sent = await sender.send(event, source, [{"type": "text", "text": "x"}])
    assert (sent.delivery, sent.later) == ("away", "reply-later")
    sent = await sender.send(replace(event, body={}), source, [{"type": "text", "text": "x"}])
    assert (sent.delivery, sent.later) == ("away", "push-later")


async def test_nobody_listens_where_line_should_be() -> None:
    api = LineApi("token", "http://127.0.0.1:1")
    await api.open()
    with pytest.raises(LineUnreachable):
        await api.push("U" + "1" * 32, [{"type": "text", "text": "x"}], "key")
    await api.close()


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
    before = len(line.platform.texts(line.user))
    source = line.channel.store.source(line.user)
    sender = Sender(line.channel.api, _Notes(), line.channel.report, utc_now)
    sent = await sender.send(waiting, source, [{"type": "text", "text": "x"}])
    assert (sent.delivery, sent.later) == ("replied", None)
    assert len(line.platform.texts(line.user)) == before and line.platform.bodies("push") == []


async def test_a_turn_that_fails_in_the_pipe_is_told(line: World) -> None:
    line.dialogue.crash = RuntimeError("broken")
    event = line.text("壊れる")
    await line.post(event)
    await line.idle()
    # The pipe itself answers every failed turn; nothing is left for the channel to give up.
    assert "ただいま確認ができません" in "".join(line.platform.texts(line.user))
    assert "failed" not in line.deliveries()


def test_every_body_was_checked_against_the_api() -> None:
    from tests.line.platform import validator

    check = validator()
    if check is None:
        pytest.skip(SPEC_MISSING)
    assert check("PushMessageRequest", {"to": "U", "messages": [{"type": "text"}]})


class _Notes:
    def delivering(self, event_id: str, how: str) -> None:
        """Nothing is kept."""


async def _no_pause(_: float) -> None:
    """At once."""
