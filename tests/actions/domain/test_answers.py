"""Plain answers, named mails and explicit statements, in our own words."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.domain.answers import claims_in_text, mentions, polarity
from actions.domain.claims import Answer, Question

TODAY = date(2026, 6, 10)
STATEMENTS = Path(__file__).parent / "data" / "statements_own.tsv"
LETTERS = {
    "o": Question.opening_mail, "a": Question.acceptance_mail,
    "f": Question.first_mail, "u": Question.url_clicked,
}  # fmt: skip
SIGNS = {"+": Answer.yes, "-": Answer.no, "?": Answer.unsure}

YES = """
はい|ハイ|ﾊｲ|はい。|はい！|はいはい|ええ|ええ、そうです|うん|うんうん|そうです|そうですね|そやねん|んだんだ|OK|ＯＫです|オッケー|yes
来てます|来ています|来ました|きました|きてます|ｷﾃﾏｽ|届きました|届いています|とどきました|届いてるよ|来とります|来てはります|来とるで
はい、来てます|はい、届いています|ええ、もう来てますよ|うん来てるよ|いえ、来てます|あります|ありました|あった|ございます|ございました
もらいました|受け取りました|受け取っています|いただいております|見つかりました|押しました|もう押しました|クリックしました|クリックしてます
済ませました|終わりました|終わってます|完了しました|済みです|やりました|しました|はい、押しました|えーと、来てますね|ちゃんと来てます
昨日届きました|さっき来ました|メールは来てます|それは来てます|やっぱり来てました|やっぱり届いていました|○|👍|🙆|🙆‍♂️|本登録まで終わりました
"""
NO = """
いいえ|いえ|いいえ。|いや|ううん|no|ちがいます|違います|ちゃいます|まだ|まだです|まだだよ|まだですね|まだなんです|マダデス|未だです|まだまだ
来てません|来ていません|来てない|きてない|来ていないです|来ないです|来ません|こないです|来とらん|来とりません|きとらん|来てへん|来てまへん
届いていません|届いてません|届かない|とどいてません|届いておりません|届いとらん|まだ来てません|まだ届いてないです|いいえ、まだです
はい、まだです|はい、来てません|うん、まだ|いや、来てない|ありません|ないです|ない|無いです|なし|なかったです|ありませんでした|あらへん
見当たりません|見当たらないです|見つかりません|もらっていません|受け取っていません|まだもらってないです|未着です|全然来ません|何も来てません
一通も届きません|押してません|押していません|まだ押してないです|押しとらん|クリックしていません|まだしてません|終わってません|×|❌|🙅|🙅‍♀️
今のところ来ていません|メールは来てないです|そんなメールはないです|どこにもありません|やっぱり来てませんでした|たぶん来てない
"""
UNSURE = """
わからない|わかりません|分かりません|分からないです|わからん|わからへん|よくわかりません|ちょっと分からないです|さっぱりわかりません|不明
覚えていません|覚えてない|おぼえてないです|覚えとらん|忘れました|わすれました|忘れてしまいました|さあ|さあ…|たぶん|たぶん…|多分|おそらく
微妙です|どうだろう|どうでしょう|どうだったかな|どうだっけ|自信がないです|はい、わかりません|たぶん来てます|たぶん届いた|多分押した|うーん
届いたかも|来たと思います|押したはずです|記憶にございません|？|?|🤔
"""
NOTHING = """
|はい、お願いします|大丈夫です|いいです|結構です|ありがとう|ありがとうございます|こんにちは|ハローワーク|もうええわ|最初から|戻って
届いたら何をすればいいですか|来ていますか|届きますか|まだですか|まだ届いていないのですか|来ないとどうなりますか|いつ来ますか
押さないといけませんか|押したのにエラー|URLが開けません|ボタンがありません|リンクがない|ログインできない|ログインできません
おなかがすきました|もういやだ|かたじけない|受付完了のメールは届きましたが開設完了はまだです|3月20日です|昨日です|先週の水曜|123456
パスワードを忘れました|担当者に聞きたい|何のことですか|どのメールですか|はいと言いましたが間違いでした|ちがうボタンを押しました|あああああ
"""


def words(block: str) -> list[str]:
    return [word for line in block.strip("\n").splitlines() for word in line.split("|")]


@pytest.mark.parametrize(
    ("text", "answer"),
    [(text, answer) for block, answer in
     ((YES, Answer.yes), (NO, Answer.no), (UNSURE, Answer.unsure), (NOTHING, None))
     for text in words(block)],
)  # fmt: skip
def test_plain_answers(text: str, answer: Answer | None) -> None:
    assert polarity(text) is answer


def statements() -> list[tuple[str, dict[Question, Answer]]]:
    lines = STATEMENTS.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(text, {LETTERS[c[0]]: SIGNS[c[1]] for c in said.split()}) for text, said in rows]


@pytest.mark.parametrize(("text", "said"), statements())
def test_statements(text: str, said: dict[Question, Answer]) -> None:
    assert claims_in_text(text) == said


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("開設完了のご連絡", "o"),
        ("「医歯協マイページ 開設完了のご連絡【東京医師歯科医師協同組合】」", "o"),
        ("利用開始の案内はいつ", "o"),
        ("ｶｲｾﾂｶﾝﾘｮｳのﾒｰﾙ", "o"),
        ("医歯協マイページ 利用登録 受付完了のお知らせ【東京医師歯科医師協同組合】", "a"),
        ("受け付け完了メール", "a"),
        ("利用登録のお申込ありがとうございます", "f"),
        ("お申し込みありがとうございますというメール", "f"),
        ("最初のメール", "f"),
        ("1通目のこと", "f"),
        ("URLを押すんですか", "u"),
        ("ＵＲＬ", "u"),
        ("メールのリンクを押しました", "u"),
        ("本登録って何", "u"),
        ("本登録のメール", "f"),
        ("受付完了と開設完了のメール", "ao"),
        ("会員専用マイページへのリンクを押しました", ""),
        ("口座開設のお知らせ", ""),
        ("受付の者です", ""),
        ("開設されていますか", ""),
        ("メールが来ない", ""),
        ("", ""),
    ],
)
def test_named_mails_and_steps(text: str, named: str) -> None:
    assert mentions(text) == {LETTERS[letter] for letter in named}


@given(st.text(max_size=80))
def test_any_text_is_taken_without_an_error(text: str) -> None:
    polarity(text)
    claims_in_text(text)
    mentions(text)


@given(
    st.text(
        alphabet="受付完了開設のメールはがもURL押届来ていたなまだせんでしょうか。、？しとっけど",
        max_size=60,
    )
)
def test_scrambled_statements_only_tell_of_what_is_named(text: str) -> None:
    assert claims_in_text(text).keys() <= mentions(text)


def test_a_long_message_is_taken_in_time() -> None:
    for piece in (
        "それはがもなら",
        "まだ",
        "届",
        "受付完了",
        "です",
        "けれども",
        "来てい",
        "んです",
    ):
        text = (piece * 1000)[:1000]
        polarity(text)
        claims_in_text(text)
