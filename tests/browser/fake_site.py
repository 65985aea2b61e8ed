"""Host pages for the widget: the demo site's own templates, and some less friendly ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

if TYPE_CHECKING:
    from tests.browser.fake_api import FakeDesk

PAGES = Path(__file__).resolve().parents[2] / "bot" / "channels" / "web" / "pages"
LINKS = ("site_top", "web_login", "my_page", "web_guide", "faq", "change_info", "contact")
MEMBERS = [
    {"number": f"1000{i:02}", "name": name, "kind_label": kind, "situation": situation}
    for i, (name, kind, situation) in enumerate(
        [
            ("見本 一郎", "個人", "申し込んだが、メールのURLをまだ押していない"),
            ("見本 花子", "個人", "本登録まで終わり、開設完了のメールを待っている"),
            ("医療法人 見本会", "法人", "マイページが開設されている"),
        ],
        start=1,
    )
]
SITE = {
    "site_name": "東京医師歯科医師協同組合（デモ）",
    "asset_base": "/static",
    "links": {name: f"/links/{name}" for name in LINKS},
}
ODD_CSS = """
* { font-size: 3px !important; line-height: 9 !important; color: lime !important; }
navi-chat { display: none !important; opacity: .1; transform: scale(.2); filter: blur(4px); }
button, textarea { all: unset !important; position: absolute; left: -999px; }
html { font-size: 4px; } body { direction: rtl; text-transform: uppercase; zoom: 1; }
"""
BARE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>host page</title>{head}
<body><h1>Host page</h1>{body}
<script type="module" src="/static/navi-widget.js"{attributes}></script></body></html>"""


def add_site(app: FastAPI, desk: FakeDesk) -> None:
    """The pages that surround the widget."""
    loader = FileSystemLoader(PAGES)
    templates = Environment(
        loader=loader, autoescape=select_autoescape(), undefined=StrictUndefined
    )

    def page(name: str, request: Request, **context: Any) -> HTMLResponse:
        number = request.cookies.get("demo_member", "")
        current = next((m for m in MEMBERS if m["number"] == number), None)
        html = templates.get_template(name).render(**SITE, current=current, **context)
        return HTMLResponse(html)

    @app.get("/")
    async def top(request: Request) -> Response:
        number = request.cookies.get("demo_member", "")
        keys = {"member_key": f"k{number}" if number else ""}
        extra = {"identity_url": "/demo/identity-token", "demo_now": None}
        return page("demo.html", request, members=MEMBERS, **keys, **extra)

    @app.get("/links/{name}")
    async def link(request: Request, name: str) -> Response:
        texts = {"title": name, "sentence": "ここにページがあります。", "home_url": "/"}
        return page("link_page.html", request, **texts)

    @app.post("/demo/login")
    async def login(number: Annotated[str, Form()]) -> Response:
        response = RedirectResponse("/", 303)
        response.set_cookie("demo_member", number, httponly=True, samesite="lax")
        return response

    @app.post("/demo/logout")
    async def logout() -> Response:
        response = RedirectResponse("/", 303)
        response.delete_cookie("demo_member")
        return response

    @app.get("/demo/identity-token")
    async def identity(request: Request) -> Response:
        number = request.cookies.get("demo_member", "")
        return JSONResponse({"identity_token": f"token-{number}" if number else None})

    @app.get("/odd.css")
    async def odd_css() -> Response:
        return Response(ODD_CSS, media_type="text/css")

    @app.get("/odd")
    async def odd() -> HTMLResponse:
        head = '<link rel="stylesheet" href="/odd.css">'
        return HTMLResponse(BARE.format(head=head, body="", attributes=""))

    @app.get("/elsewhere")
    async def elsewhere(request: Request) -> HTMLResponse:
        """For visits under another host name: the widget then comes from a foreign origin."""
        html = BARE.format(head="", body="", attributes=' data-member-key=""')
        desk_origin = f"http://127.0.0.1:{request.url.port}"
        html = html.replace('src="/static', f'src="{desk_origin}/static')
        policy = f"default-src 'none'; script-src {desk_origin}; connect-src {desk_origin}"
        return HTMLResponse(html, headers={"content-security-policy": policy})

    @app.get("/inline")
    async def inline() -> HTMLResponse:
        body = "<navi-chat inline></navi-chat>"
        return HTMLResponse(BARE.format(head="", body=body, attributes=""))

    @app.get("/opened")
    async def opened() -> HTMLResponse:
        attributes = ' data-open data-demo-now="2027-01-05T10:00:00+09:00"'
        return HTMLResponse(BARE.format(head="", body="", attributes=attributes))
