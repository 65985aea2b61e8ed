"""A plain yes, no or "I am not sure" as the whole message, in many voices."""

import re

from actions.domain.answers.mails import folded
from actions.domain.claims import Answer

_SIGNS = {
    "○": Answer.yes, "◯": Answer.yes, "⭕": Answer.yes, "🙆": Answer.yes, "👍": Answer.yes,
    "👌": Answer.yes, "✅": Answer.yes, "×": Answer.no, "✖": Answer.no, "❌": Answer.no,
    "✕": Answer.no, "🙅": Answer.no, "👎": Answer.no, "△": Answer.unsure, "🤷": Answer.unsure,
    "❓": Answer.unsure, "?": Answer.unsure, "？": Answer.unsure, "🤔": Answer.unsure,
}  # fmt: skip
_JOINERS = "\ufe0f\u200d♂♀"
_PAUSE = r"[、。.,!…~ー]"
_HUM = (
    f"(?:えーっ?と|ええっ?と|えっ?と|えと|あのー?|あのう|そのー?|うーん|んー|さて|おー|まあ|"
    f"まぁ|あー|あっ|あ、|え、|お、|{_PAUSE})"
)
_TAIL = (
    "(?:です|でした|だった|だ|や|やで|じゃ|っす|でございます|ね|な|よ|わ|の|ん|けど|けれども?|"
    "が|ので|さ|ぞ|"
    f"ばい|たい|べ|っぺ|けん|のう|なあ|ねえ|w|笑|{_PAUSE})*"
)
_YES = (
    "はい(?:はい)?|はーい|はぁい|ええ|えぇ|うん(?:うん)?|うむ|んだ(?:んだ)?|そう(?:そう)?|そや|"
    "せや|せやねん|左様|さよう|その通り|"
    "そのとおり|yes|いえす|ok|おっけー?|おーけー?|おけ|もちろん|間違いありません|間違いない"
)
_NO = (
    "いいえ|いーえ|いえ(?:いえ)?|いいや|いや(?:いや)?|いんや|ううん|うんにゃ|んにゃ|no|のー|"
    "nope|ng|"
    "違います|違う|ちがいます|ちがう|ちゃう(?:ちゃう)?|ちゃいます"
)
_KNOW_NOT = (
    "(?:ら(?:ない|なく|ん|へん|ず|なかった|んかった|ねえ|ねぇ)|り(?:ません|まへん|かねます)|"
    "ん(?:ない|ねー?)|りませんでした)"
)
_UNSURE = (
    "(?:よく|よう|ちょっと|まったく|全く|さっぱり|はっきり|正直|どっちか|どちらか|自分では|"
    "今は|いまいち)*"
    f"(?:(?:わか|分か|判|解|わが){_KNOW_NOT}|(?:覚え|おぼえ)て?(?:い|お)?(?:ない|ません|"
    f"りません|らん|ん)|"
    "(?:覚え|おぼえ)と(?:らん|りません)|(?:思い|おもい)[出だ]せ(?:ない|ません|へん|まへん|ん)|"
    "忘れ(?:た|ました|ちゃった|ちゃいました|てしまいました)|"
    "わすれ(?:た|ました))|"
    "不明|記憶に(?:ない|ありません|ございません)|さ[あぁ]+|たぶん|多分|おそらく|恐らく|微妙|"
    "どう(?:だろう?|でしょう?|だっけ|だったか|だったかな|でしたか|かな|やったか|やろ)か?|"
    "自信(?:が|は)?(?:ない|ありません)|うーん|どっちだろう?|かもしれ(?:ない|ません)"
)
_MANNER = (
    "(?:もう|既に|すでに|ちゃんと|確かに|たしかに|さっき|今|いま|さきほど|先ほど|昨日|きのう|"
    "今日|今朝|けさ|ついさっき|一応|"
    "いちおう|全部|どれも|1つも|ひとつも|一つも|1通も|一通も|一度も|全然|ぜんぜん|特に|とくに|"
    "何も|なにも|やっぱり|やはり|"
    "今のところ|いまのところ|(?:今|よく)?(?:見|探し|さがし|確認し)たら|とっくに|"
    "本登録[はをも]?|本登録まで|まだ|未だに?|いまだに?|どこにも|探しても|さがしても|"
    "迷惑めーるにも|"
    f"(?:その|この|そんな|そういう)?めーる[はがもなら]?|それ[はがもなら]*|これは?|"
    f"そんなの[はも]?|{_PAUSE})"
)
_COME = "(?:届い|とどい|着い|来|き|受け取っ|受取っ|もらっ|貰っ|いただい|頂い|見つかっ|受信し)"
_COME_POLITE = (
    "(?:届き|とどき|着き|来|き|受け取り|受取り|もらい|貰い|いただき|頂き|見つかり|みつかり|受信し)"
)
_DO = "(?:押し|おし|くりっくし|たっぷし|済ませ|すませ|終え|完了し|やっ|し|終わっ|おわっ|済ん|すん)"
_DO_POLITE = (
    "(?:押し|おし|くりっくし|たっぷし|済ませ|すませ|終え|完了し|やり|し|終わり|おわり|済み|すみ)"
)
_GOT = (
    "(?:た|て(?:い|お)?(?:ます|る|た|ました|ります|りました)|とる|とります|とりました|とった|"
    "とるで|てはる|てはります|ちょる|とう|とっと)"
)
_GOT_NOT = (
    "(?:て|で)?(?:い|お)?(?:ない|ません|りません|なかった|ませんでした|りませんでした|らん|"
    "へん|まへん|ん(?=$|の|よ|で))"
)
_CAME = (
    f"{_COME}{_GOT}|{_COME_POLITE}ました|あ(?:ります|る|った|りました)|ございま(?:す|した)|"
    f"(?:受信|着信|到着|受領|確認)済み?|{_DO}(?:[ただ]|[てで](?:い|お)?(?:ます|る|た|ました|"
    f"ります)|[とど](?:る|ります))|"
    f"{_DO_POLITE}ました|(?:完了)?済み"
)
_CAME_NOT = (
    f"{_COME}{_GOT_NOT}|{_COME}と(?:らん|りません|らへん|らんかった)|{_COME_POLITE}(?:ません|"
    f"まへん)(?:でした)?|"
    "(?:届|とど)か(?:ない|ん|へん|ず|なかった)|[来こ](?:ない|ん|なかった|んかった|ず|ーへん|"
    "うへん)|けえへん|"
    "ない|無い|なし|無し|なかった|ありません(?:でした)?|あらへん|ありまへん|ございません|"
    "見当たら(?:ない|ん|ず)|"
    "見当たりません|見つから(?:ない|ん|ず)|見つかりません|みつからない|みつかりません|未着|未受信|"
    f"{_DO}(?:[てで]い?(?:ない|ません)|[てで]おりません|[とど]らん|[てで]へん)|押さなかった|"
    f"忘れてました|忘れていました"
)
_YET = "(?:まだ|未だ|いまだ)(?:まだ)?"
_HEDGE = "(?:たぶん|多分|おそらく|恐らく|きっと)"
_ENDED = "(?:と思います|と思う|はず|かも|気がします?|かな)?"
_BARE = [
    (Answer.unsure, re.compile(f"{_HUM}*(?:{_UNSURE}){_TAIL}")),
    (Answer.yes, re.compile(f"{_HUM}*(?:{_YES}){_TAIL}")),
    (Answer.no, re.compile(f"{_HUM}*(?:{_NO}){_TAIL}")),
    (Answer.no, re.compile(f"{_HUM}*{_YET}{_TAIL}")),
]
_STATES = [
    (
        Answer.no,
        re.compile(f"{_HUM}*(?P<h>{_HEDGE})?{_MANNER}*(?:{_CAME_NOT})(?P<e>{_ENDED}){_TAIL}"),
    ),
    (Answer.yes, re.compile(f"{_HUM}*(?P<h>{_HEDGE})?{_MANNER}*(?:{_CAME})(?P<e>{_ENDED}){_TAIL}")),
]
# A longer message says more than yes or no.
_LONGEST = 40
_OPENER = re.compile(f"{_HUM}*(?:{_YES}|{_NO})(?:です|でした|だ|ね|よ)?{_PAUSE}*")


def polarity(text: str) -> Answer | None:
    """What a message that is nothing but an answer says; None where it says anything more.

    「はい、まだです」 is a no: what follows the first word decides.
    """
    signs = {_SIGNS.get(c) for c in text.strip() if c not in _JOINERS}
    if len(signs) == 1 and None not in signs:
        return signs.pop()
    message = folded(text)
    if len(message) > _LONGEST:
        return None
    if (said := _bare(message) or _state(message)) is not None:
        return said
    opened = _OPENER.match(message)
    rest = message[opened.end() :] if opened else ""
    return (_bare(rest) or _state(rest)) if rest else None


def _bare(message: str) -> Answer | None:
    return next((answer for answer, pattern in _BARE if pattern.fullmatch(message)), None)


def _state(message: str) -> Answer | None:
    for answer, pattern in _STATES:
        if m := pattern.fullmatch(message):
            # 「たぶん来てる」 is no yes: the next question finds out.
            return Answer.unsure if answer is Answer.yes and (m["h"] or m["e"]) else answer
    return None
