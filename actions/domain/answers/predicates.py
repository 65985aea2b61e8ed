"""Whether a clause says that a mail came or a URL was pressed: yes, no, unsure or nothing."""

import re

from actions.domain.answers.mails import folded
from actions.domain.claims import Answer

_ARRIVE = (
    "(?:届|とど|着(?!信履)|来|参(?=り|っ)|(?<![でつひと])き(?=てい|て[なまるおへ]|とら|とる|"
    "とり|ました|ません|た(?!い)|てん)|受信し|受信でき|"
    "受け取|受取|うけと|もら|貰|いただ|頂|見つか|みつか|見当た|みあた|入っ|見かけ|拝受)"
)
_PRESS = (
    "(?:押(?!せ)|おし|くりっく|たっぷ|踏|触|開(?=い|か|け|き)|ひらい|あくせす|済ま|すま|済|"
    "終わ|終え|完了|"
    "やっ|やり|行|実施|しま|して|した(?!ら)|し終)"
)
_NOT = (
    "(?:ない(?!と(?:駄目|だめ|いけ|なら))|無い|ません(?!か)|ませぬ|なかっ|なく|ず(?!っ)|へん|"
    "ひん|まへん|"
    "ねえ|ねぇ|ねーし|ぬ(?!い)|(?<=[らかさせわまば来こ])ん(?!ど)|やしま?せん|やしない)"
)
_DONE = (
    "(?:ました|ましたん|た(?![らいくび])|だ(?=$|[、。])|て(?:い|お|は)*(?:ます|る|おり|いま|"
    "ござ)|てま|てる|とる|とり(?:ま|ゃ)|"
    "とー|とっと|ちょる|ちゅう|済み|済(?=$|[、。でと])|よった|はる|はります|てます|てん(?=$|ね|"
    "で|けど))"
)
_NEG_NOUN = (
    "(?:まだ|未だ|いまだ)(?:$|です|だ(?:$|[、。よねしけっ])|な(?:ん|の)|や|っす|で(?:$|"
    "[、。し])|の(?:よう|まま)|[、。])|"
    "未着|未達|未受信|不着|未読(?!あり)|未了|未実施|未完了|未くりっく|未登録|"
    "(?:^|(?<=[がはもらえて])|(?<=めーる)|(?<=知らせ)|(?<=連絡)|"
    "(?<=案内))(?<![え憶]が)(?<![え憶]は)(?:ない|無い|なし|無し|ありません|ありまへん|あらへん|"
    "ございません|見当たら|見つから|おまへん)"
)
_NEG_PRESS_NOUN = (
    "(?:まだ|未だ)(?:$|です|だ(?:$|[、。よねし])|な(?:ん|の)|や|っす|[、。])|未(?:了|実施|完了|"
    "くりっく|済)|忘れ"
)
_UNSURE = "(?:わか|分か|判|解|覚え|おぼえ|記憶|自信|はっきり|不明|定か)"
_HEDGED = re.compile(
    "たぶん|多分|おそらく|恐らく|かも|はず|筈|と思|とおも|気が|らしい|っぽい|ような"
)
_ASKED_WHETHER = re.compile(
    f"(?:{_ARRIVE}|{_PRESS}|ある|あった)[^、。]{{0,8}}(?:か|かどうか|のか|やら)、?(?:は|が|"
    f"も)?[^、。]{{0,6}}{_UNSURE}"
)
_ARRIVED_NOT = re.compile(f"{_ARRIVE}[^、。]{{0,7}}?{_NOT}|{_NEG_NOUN}")
_ARRIVED = re.compile(
    f"{_ARRIVE}[^、。]{{0,7}}?{_DONE}|(?:が|は|も|に|なら|ちゃんと)(?:あります|ありました|"
    f"あった|ある(?:$|[、。よんけし])|"
    "ございま(?:す|した)|おます)|到着済|受信済|受領済|着信(?:あり|済)"
)
_PRESSED_NOT = re.compile(f"{_PRESS}[^、。]{{0,7}}?{_NOT}|{_NEG_PRESS_NOUN}")
_PRESSED = re.compile(f"{_PRESS}[^、。]{{0,7}}?{_DONE}")
# 「届いて、」 in the middle of a sentence.
_ARRIVED_AND = re.compile(f"{_ARRIVE}(?:い|っ|き|てい)?(?:て|とって|ており|てまして)$")
_PRESSED_AND = re.compile(f"{_PRESS}(?:し|い|っ|ませ|り)?(?:て|とって|ており|てまして|み)$")
_ONLY = re.compile("しか")
_DEAD_PAGE = (
    "えらー|期限|無効|切れて|開け(?:な|ま|ん)|ひらけ|開[かき](?:な|ま|ず|ん|へ)|"
    "ひら[かき](?:な|ま|ん)|"
    "つながらな|真っ白|くるくる|ぐるぐる|反応がな|反応しな|動かな"
)
_BROKEN = re.compile(_DEAD_PAGE)
_CANNOT = re.compile(f"{_DEAD_PAGE}|使えな|でき(?:な|ま|ず)|出来[なまず]|だめ|駄目|あかん")


def broken(text: str) -> bool:
    """Whether a folded text says that the URL's page did not work."""
    return bool(_BROKEN.search(text))


def url_failed(text: str) -> bool:
    """Whether a text says that a page did not work, and does not say so of a login."""
    whole = folded(text)
    return broken(whole) and "ろぐいん" not in whole


def arrived(clause: str, goes_on: bool = False) -> Answer | None:
    """What a folded clause about a mail says of its arrival; `goes_on`: a clause follows."""
    if _ASKED_WHETHER.search(clause):
        return Answer.unsure
    if _ARRIVED_NOT.search(clause):
        return Answer.yes if _ONLY.search(clause) else Answer.no
    done = _ARRIVED.search(clause) or (goes_on and _ARRIVED_AND.search(clause))
    return _hedged(clause) if done else None


def pressed(clause: str, goes_on: bool = False) -> Answer | None:
    """What a folded clause about the URL says: pressed (main registration done) or not."""
    if _CANNOT.search(clause):
        return None
    if _ASKED_WHETHER.search(clause):
        return Answer.unsure
    if _PRESSED_NOT.search(clause):
        return Answer.no
    done = _PRESSED.search(clause) or (goes_on and _PRESSED_AND.search(clause))
    return _hedged(clause) if done else None


def _hedged(clause: str) -> Answer:
    return Answer.unsure if _HEDGED.search(clause) else Answer.yes
