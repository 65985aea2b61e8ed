"""A visitor who presses anything that was ever offered and types anything: never a wedge."""

import random

from tests.product.answers import FREE_ANSWERS
from tests.product.checks import problems
from tests.product.member import Member, assert_none, in_parallel, tokens
from tests.product.running import Product

_SEED = 20_260_610
_CONVERSATIONS = 28
_TURNS = 15
_TEXTS = [
    *(words for said in FREE_ANSWERS.values() for words in said),
    *"""やっぱり届いていました|一つ戻って|最初から|やめます|もういいです|担当者と話したい|こんにちは
    ありがとう|さようなら|請求はいつから見られますか|0円と出ます|ログイン失敗と出ます|パスワード忘れた
    番号はどこ|メールが届かない|URLがエラーになる|3月20日|来年|えっと|？|！|。|あ|１２３|🙇|はい|いいえ|たぶん
    このメールは本物ですか|父が亡くなりました|組合をやめたい|ふざけるな|何ができるの|天気は|確認を続ける
    /restart|／status_lookup|受付完了が届いた|開設完了が届いた|どちらも|Web会員の方|分からない""".replace(
        "\n", "|"
    ).split("|"),
]
_DEMO_MEMBER = "000106"


def _turn(member: Member, dice: random.Random) -> str:
    """One turn: an old button, a button of the last reply, or words. Gives what was done."""
    throw = dice.random()
    if throw < 0.35 and member.last["choices"]:
        choice = dice.choice(member.last["choices"])
    elif throw < 0.6:
        choice = dice.choice(list(member.offered.values()))
    else:
        words = dice.choice(_TEXTS)
        member.say(words)
        return words
    # Pressed twice now and then, as people do.
    for _ in range(dice.choice((1, 1, 1, 2))):
        member.press_id(choice["id"])
    return f"[{choice['label']}]"


def _wander(product: Product, number: int) -> str | None:
    """None where every turn was in order, else the conversation up to the one that was not."""
    dice = random.Random(_SEED + number)
    done: list[str] = []
    with Member(product.base_url) as member:
        token = tokens().mint(_DEMO_MEMBER) if number % 4 == 3 else None
        member.start(token, "2026-06-10T12:00:00+09:00" if token is None else None)
        for _ in range(_TURNS):
            done.append(_turn(member, dice))
            if wrong := problems(member.replies):
                return f"{number}: {' / '.join(done)} -> {wrong}"
        # Whatever happened: the check can still be walked to its end.
        member.say("最初から")
        member.say("申し込んだのにログインできません")
        return (
            None if token or _walks_to_the_end(member) else f"{number}: {' / '.join(done)}: stuck"
        )


def _walks_to_the_end(member: Member) -> bool:
    for _ in range(8):
        if member.outcome:
            return True
        values = [choice["value"] for choice in member.last["choices"]]
        wanted = next((v for v in ("no", "unknown", "questions") if v in values), None)
        if wanted is None:
            return False
        member.press(wanted)
    return False


def test_wandering(product: Product) -> None:
    assert_none(in_parallel(lambda number: _wander(product, number), range(_CONVERSATIONS)))


_WAY = ("no", "no", "yes", "yes", "unknown")


def _after_a_whole_check(guest: Member) -> list[dict[str, str]]:
    """Every button that was offered on the way to an outcome."""
    guest.start(now="2026-06-10T12:00:00+09:00")
    guest.press("procedure_check")
    for value in _WAY:
        guest.press(value)
    assert guest.outcome == "redo"
    return list(guest.offered.values())


def test_old_buttons_again_and_again(product: Product) -> None:
    """Every button of a whole check, pressed several times in a row after its end."""
    with Member(product.base_url) as guest:
        buttons = len(_after_a_whole_check(guest))

    def wrong(first: int) -> str | None:
        with Member(product.base_url) as guest:
            for choice in _after_a_whole_check(guest)[first::8]:
                for _ in range(4):
                    guest.press_id(choice["id"])
                    if found := problems(guest.replies):
                        return f"{choice}: {found}"
        return None

    assert buttons > 25
    assert_none(in_parallel(wrong, range(8)))


def test_a_button_of_another_conversation(product: Product) -> None:
    with Member(product.base_url) as guest, Member(product.base_url) as other:
        guest.start()
        other.start()
        choice = next(iter(guest.offered))
        body = {"client_message_id": "0b7e0b1e-6f0e-4d06-9d4b-6a3a3f2c7a11", "choice": choice}
        assert other.post(body).status_code == 422
        assert guest.post(body).status_code == 200
