"""Single words that change an answer, where the topic is already understood."""

import re
import unicodedata

_MYPAGE = re.compile(r"マイ(ページ|ペ-ジ|ぺ[ーー]じ)|まいぺーじ|my ?page")
_WEB = re.compile(r"web|ウェブ|ｳｪﾌﾞ|うぇぶ|ホームページ|会員サイト|会員ログイン")
_DEATH = re.compile(r"亡く|逝去|死去|死亡|永眠|他界|急逝|亡き|遺族|なくなりまし|相続|忌中|喪主")


def plain_text(text: str) -> str:
    """NFKC and lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def named_login(text: str) -> str | None:
    """Which of the two logins a text names: `web`, `mypage`; None for neither or both."""
    plain = plain_text(text)
    web, mypage = bool(_WEB.search(plain)), bool(_MYPAGE.search(plain))
    if web == mypage:
        return None
    return "web" if web else "mypage"


def tells_of_death(text: str) -> bool:
    """Whether a member's death is spoken of; then condolence comes first."""
    return bool(_DEATH.search(plain_text(text)))


_NOT_APPLIED = re.compile(
    r"申し?込(んで|み?(は|を|も)?して)い?(ない|ません|なかった)"
    r"|申し?込み?(は|が|も)?まだ(です|なん|$)|もうしこんで(い)?(ない|ません)"
    r"|(会員登録|ウェブ登録|web登録)(だけ|のみ|しか)"
)


def tells_not_applied(text: str) -> bool:
    """Whether a text says that there was no application for My Page yet, only Web会員登録."""
    return bool(_NOT_APPLIED.search(plain_text(text)))
