"""A transcript becomes a test story in one click, and the story replays as it went."""

from tests.product.member import Member
from tests.product.running import Product
from tests.product.stories import replay, story_of, supervisor

TODAY = "2026-06-10T12:00:00+09:00"


def test_a_transcript_replays_as_it_went(product: Product) -> None:
    with supervisor(product.base_url) as staff, Member(product.base_url) as guest:
        guest.start(now=TODAY)
        guest.say("山田太郎です。申し込んだのにログインできません")
        guest.press("no")
        guest.say("請求はいつから見られますか")
        guest.say("まだ来ていません")
        guest.press("yes")
        guest.say("はい、押しました")
        guest.say("3月20日")
        assert guest.outcome == "redo"
        story = story_of(staff, guest.id)
        told = str(story)
        assert "山田" not in told and "action_advise" in told
        with replay(story, product.base_url) as again:
            assert again.outcome == "redo"
            assert story_of(staff, again.id)["steps"] == story["steps"]


def test_a_button_of_the_menu_is_pressed_again_not_read(product: Product) -> None:
    with supervisor(product.base_url) as staff, Member(product.base_url) as guest:
        guest.start(now=TODAY)
        guest.press("mail_missing")
        story = story_of(staff, guest.id)
    assert story["steps"][0]["user"] == "/mail_missing"


def test_only_supervisors_export(product: Product) -> None:
    with supervisor(product.base_url) as staff, Member(product.base_url) as guest:
        guest.start(now=TODAY)
        guest.say("メールが届きません")
        page = f"/staff/review/conversations/{guest.id}/story.yml"
        assert staff.get(page).status_code == 200
        staff.headers.pop("Cookie")
        staff.cookies.clear()
        assert staff.get(page, headers={"Accept": "text/html"}).status_code in (303, 401)
