"""「どの方法で確かめますか」 answered in words instead of by a button."""

from datetime import date

import pytest

from actions.domain.heard import Heard
from actions.domain.small_questions import SmallQuestion, read_small_answer

TODAY = date(2026, 6, 10)
_MAIL = """
メールで確認コードを送ってほしい|メールで確認コードを送ってもらえますか|確認コードを送ってください
コードを送ってもらいたいです|メールに確認コードをください|確認コードをメールで受け取ります
コードでお願いします|メールで確認コードをお願いします|メールの方でお願いしたいのですが
メールで確認する|メールでお願いします|メールで|確認コードがほしい|メールのほうで
めーるで本人確認したいです|8桁のコードを送って|000104|０００１０４です|登録番号は000104"""
_NOT_MAIL = """
メールが届きません|確認コードが届きません|メールが来ないのですが|コードが来ない
メールアドレスを変えたい|メールで届いた案内が分からない|質問に答えます|請求はいつから
ログインできません|メールで来たURLが開けません|00010|20260320"""


def _lines(text: str) -> list[str]:
    return text.strip().replace("\n", "|").split("|")


@pytest.mark.parametrize("words", _lines(_MAIL))
@pytest.mark.parametrize("topic", ["mail_missing", "nlu_fallback"])
def test_the_mailed_code_in_words(words: str, topic: str) -> None:
    heard = Heard(words, topic, {topic: 0.9 if "コード" in words else 0.4})
    assert read_small_answer(SmallQuestion.how_to_check, heard, TODAY) == "mail"


@pytest.mark.parametrize("words", _lines(_NOT_MAIL))
def test_other_words_are_no_mailed_code(words: str) -> None:
    heard = Heard(words, "mail_missing", {"mail_missing": 0.4})
    assert read_small_answer(SmallQuestion.how_to_check, heard, TODAY) != "mail"
