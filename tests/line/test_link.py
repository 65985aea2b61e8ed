"""The account link: LINE's token, the member site's nonce, one user, one use."""

import hashlib
import secrets
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
from sqlalchemy import select

from bot.channels.line.richmenu import set_up
from bot.store.identity_tables import AuditRow
from bot.store.tables import ConversationRow
from tests.line.world import World


async def _login_address(line: World) -> str:
    await line.say(line.text("連携"))
    message = line.platform.bodies("reply")[-1]["messages"][-1]
    uri: str = message["contents"]["body"]["contents"][0]["action"]["uri"]
    return uri


async def _token(line: World) -> str:
    address = await _login_address(line)
    assert address.startswith("https://member-site.example/login?linkToken=")
    return parse_qs(urlsplit(address).query)["linkToken"][0]


async def _nonce(line: World, token: str, number: str = "100003") -> httpx.Response:
    body = {
        "identity_token": line.tokens.mint(number),
        "link_token_sha256": hashlib.sha256(token.encode()).hexdigest(),
    }
    return await line.client.post("/api/line/link-nonces", json=body)


async def test_link_look_up_and_unlink(line_on_both: World) -> None:
    line = line_on_both
    token = await _token(line)
    answer = await _nonce(line, token)
    assert answer.status_code == 201
    nonce = answer.json()["nonce"]
    assert 10 <= len(nonce) <= 255
    said = "".join(await line.say(line.event("accountLink", link={"result": "ok", "nonce": nonce})))
    assert "••••03" in said and "連携解除" in said
    await line.say(line.text("登録の状況は"))
    with line.sessions() as session:
        talk = session.get_one(
            ConversationRow, line.dialogue.requests[-1].dialogue_id.partition("~")[0]
        )
        assert (talk.member_number, talk.identity_path) == ("100003", "line")
        [proof] = session.scalars(select(AuditRow))
        known = (proof.event, proof.identity_path, proof.number, proof.conversation_id)
        assert known == ("identity_proven", "line", "100003", talk.id)
    said = "".join(await line.say(line.text("連携を解除")))
    assert "取り消しました" in said
    await line.say(line.text("登録の状況は"))
    with line.sessions() as session:
        after = line.dialogue.requests[-1].dialogue_id.partition("~")[0]
        assert after != talk.id
        assert session.get_one(ConversationRow, after).member_number is None


async def test_stolen_replayed_swapped_and_expired_nonces_link_nobody(line: World) -> None:
    nonce = (await _nonce(line, await _token(line))).json()["nonce"]
    link = {"result": "ok", "nonce": nonce}
    stranger = "U" + "7" * 32
    await line.say(line.event("accountLink", user=stranger, link=link))
    assert line.channel.store.source(stranger).member_number is None
    await line.say(line.event("accountLink", link=link))
    assert line.channel.store.source(line.user).member_number == "100003"
    await line.say(line.text("連携解除"))
    wrong = [link, {"result": "ok", "nonce": nonce[:-1]}, {"result": "failed", "nonce": nonce}]
    wrong += [{"result": "ok"}, {"nonce": nonce}, {"result": "ok", "nonce": ""}, {}]
    wrong += [{"result": "ok", "nonce": secrets.token_urlsafe(32)}, {"result": ["ok"], "nonce": 5}]
    for value in wrong:
        said = await line.say(line.event("accountLink", link=value))
        assert "連携できませんでした" in "".join(said)
        assert line.channel.store.source(line.user).member_number is None
    late = (await _nonce(line, await _token(line))).json()["nonce"]
    line.clock.ahead += timedelta(minutes=11)
    await line.say(line.event("accountLink", link={"result": "ok", "nonce": late}))
    assert line.channel.store.source(line.user).member_number is None


async def test_a_doubled_link_event_is_one(line: World) -> None:
    nonce = (await _nonce(line, await _token(line))).json()["nonce"]
    event = line.event("accountLink", link={"result": "ok", "nonce": nonce})
    said = await line.say(event, event, {**event, "deliveryContext": {"isRedelivery": True}})
    assert len(said) == 1 and line.channel.store.source(line.user).member_number == "100003"


async def test_the_nonce_needs_a_login_and_a_token_of_ours(line: World) -> None:
    token = await _token(line)
    digest = hashlib.sha256(token.encode()).hexdigest()
    identity = line.tokens.mint("100003")
    for body, status in (
        ({"identity_token": identity + "x", "link_token_sha256": digest}, 401),
        ({"identity_token": identity, "link_token_sha256": "0" * 64}, 404),
        ({"identity_token": identity, "link_token_sha256": digest.upper()}, 422),
        ({"identity_token": identity}, 422),
        ({"identity_token": identity, "link_token_sha256": digest}, 201),
        ({"identity_token": identity, "link_token_sha256": digest}, 401),
    ):
        answer = await line.client.post("/api/line/link-nonces", json=body)
        assert answer.status_code == status, body
    line.clock.ahead += timedelta(minutes=11)
    assert (await _nonce(line, token)).status_code == 404


async def test_blocking_unlinks_and_words_say_how_it_stands(line: World) -> None:
    assert "どの登録番号とも" in "".join(await line.say(line.text("連携解除")))
    nonce = (await _nonce(line, await _token(line))).json()["nonce"]
    await line.say(line.event("accountLink", link={"result": "ok", "nonce": nonce}))
    assert "連携しています" in "".join(await line.say(line.text("「連携」")))
    await line.say(line.event("unfollow"))
    assert line.channel.store.source(line.user).member_number is None


async def test_no_token_is_kept_where_it_can_be_read(line: World) -> None:
    token = await _token(line)
    with line.sessions() as session:
        kept = [
            str(row)
            for table in ("message", "line_event", "line_link_token")
            for row in session.connection().exec_driver_sql(f"SELECT * FROM {table}")
        ]
    assert all(token not in row for row in kept)


_UNLINK = "連携解除してください|連携を解除してください|連携を取り消したい|連携を取り消す"
_UNLINK += "|連携をやめたいです"
_UNLINK += "|連携解除お願いします|LINE連携を解除|連携の解除|れんけいかいじょ"
_LINK = (
    "連携してください|連携をお願いします|ＬＩＮＥ連携|連携したいです|連携の方法|連携の仕方を教えて"
)


async def test_other_words_for_linking_and_unlinking(line: World) -> None:
    for said in _UNLINK.split("|"):
        assert "どの登録番号とも" in "".join(await line.say(line.text(said))), said
    for said in _LINK.split("|"):
        assert "10分間だけ" in "".join(await line.say(line.text(said))), said
    for said in ("連携していないとどうなりますか", "連携解除したのに届きます", "連携と登録の違い"):
        assert "お答え" in "".join(await line.say(line.text(said))), said
    assert len(line.dialogue.requests) == 3


async def test_who_comes_back_sees_the_menu_of_guests(line: World) -> None:
    api = line.channel.api
    await set_up(api, [], lambda _: None)
    guests = line.platform.line.menu_of(line.user)
    nonce = (await _nonce(line, await _token(line))).json()["nonce"]
    await line.say(line.event("accountLink", link={"result": "ok", "nonce": nonce}))
    assert line.platform.line.menu_of(line.user) != guests
    await line.say(line.event("unfollow"))
    await line.say(line.event("follow", follow={"isUnblocked": True}))
    assert line.platform.line.menu_of(line.user) == guests
