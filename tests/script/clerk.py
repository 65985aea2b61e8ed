"""A clerk's browser: begins calls, takes steps, reads the page."""

import html
import re
import uuid
from typing import Any

import httpx

from bot.cases.records import Case
from bot.staff.parts import StaffParts
from tests.app.serving import RunningApp

_CSRF = re.compile(r'<meta name="csrf-token" content="([0-9a-f]+)">')
_BUTTON = re.compile(r'<button name="act" value="(?P<act>[^"]*)"(?P<rest>.*?)</button>', re.S)


class Clerk:
    """The demo's agent with one call at a time; `case_id` is it."""

    def __init__(self, app: RunningApp | None = None, base_url: str = "") -> None:
        self._app = app
        self.case_id = ""
        self.http = httpx.Client(
            base_url=app.base_url if app else base_url,
            headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"},
            timeout=60,
            trust_env=False,
            verify=False,
        )

    def __enter__(self) -> "Clerk":
        answer = self.http.post("/staff/sign-in/demo", data={"role": "agent"})
        assert answer.status_code == 303, answer.text
        found = _CSRF.search(self.http.get("/staff/script").text)
        assert found
        self.http.headers["X-CSRF-Token"] = found[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def app(self) -> RunningApp:
        """The app in this process, where there is one."""
        assert self._app is not None
        return self._app

    @property
    def parts(self) -> StaffParts:
        """What lies behind the pages."""
        assert self.app.apps is not None
        found: StaffParts = self.app.apps.public.state.staff
        return found

    @property
    def case(self) -> Case:
        """The call as it is kept."""
        return self.parts.cases.get(self.case_id)

    def begin(self, number: str = "") -> "Clerk":
        """A call; `number` was chosen from the search."""
        answer = self.http.post("/staff/script", data={"number": number, "caller": "受付の方"})
        assert answer.status_code == 303, answer.text
        self.case_id = next(p for p in answer.headers["location"].split("/") if len(p) == 22)
        return self

    def verify(self, number: str) -> "Clerk":
        """The caller knows the registered mail address and the number."""
        for item, said in (("number", number), ("email", f"demo-{number}@example.jp")):
            answer = self.http.post(
                f"/staff/cases/{self.case_id}/check", data={"item": item, "said": said}
            )
            assert answer.status_code == 303, answer.text
        return self

    def post(self, path: str, **data: Any) -> httpx.Response:
        """A form of the call's page, as the page's script sends it."""
        data.setdefault("client_message_id", str(uuid.uuid4()))
        return self.http.post(
            f"/staff/script/{self.case_id}/{path}", data=data, headers={"X-Fragment": "1"}
        )

    def act(self, act: str, text: str = "", **more: Any) -> str:
        """A step that must succeed; the fragment."""
        answer = self.post("steps", act=act, text=text, **more)
        assert answer.status_code == 200, answer.text
        return answer.text

    def press(self, label: str) -> str:
        """The button with this label."""
        found = [m["act"] for m in _BUTTON.finditer(self.page()) if label in m["rest"]]
        assert found, f"no button {label}"
        return self.act(html.unescape(found[0]))

    def page(self) -> str:
        """The call's page."""
        answer = self.http.get(f"/staff/script/{self.case_id}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def said(self, page: str = "") -> list[str]:
        """What is to be read aloud."""
        return [
            html.unescape(t)
            for t in re.findall(r'<p class="breath[^"]*">([^<]*)</p>', page or self.page())
        ]
