"""The demo member site (only with NAVI_ENV=demo): pages, who is logged in, link targets."""

import hmac
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.demo_registry import demo_members
from bot.settings import PROJECT_ROOT

_PAGES = Environment(
    loader=FileSystemLoader(PROJECT_ROOT / "bot/channels/web/pages"),
    autoescape=select_autoescape(["html"]),
)
_COOKIE = "navi_demo_member"
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
_SITE = "東京医師歯科医師協同組合（デモ）"
_LINK_PAGES = {
    "site_top": ("トップページ", "組合のトップページです。"),
    "web_login": ("Web会員ログイン", "Web会員のID・パスワードでログインする画面です。"),
    "mypage": ("マイページ ログイン", "マイページのID・パスワードでログインする画面です。"),
    "web_registration_pdf": ("Web会員登録の手順", "Web会員登録の手順を説明したPDFが開きます。"),
    "faq": ("よくあるご質問", "マイページについてのよくあるご質問です。"),
    "change_info": ("Web会員情報の変更", "Web会員の登録情報を変更する画面です。"),
    "contact": ("お問い合わせ", "担当者へのお問い合わせの窓口です。"),
}

router = APIRouter()


@router.get("/", response_class=HTMLResponse)
async def top(request: Request) -> HTMLResponse:
    """The member site's top page with the widget."""
    number = _logged_in(request)
    return page(
        "demo.html",
        request,
        members=demo_members(),
        member_key=_key(request, number) if number else "",
        identity_url="/demo/identity-token",
        demo_now=None,
    )


@router.get("/demo/links/{key}", response_class=HTMLResponse)
async def link(request: Request, key: str) -> Response:
    """A small page in place of an address that the office will set."""
    if key not in _LINK_PAGES:
        return RedirectResponse("/", 303)
    title, sentence = _LINK_PAGES[key]
    return page("link_page.html", request, title=title, sentence=sentence, home_url="/")


@router.post("/demo/login")
async def login(request: Request, number: Annotated[str, Form(max_length=6)]) -> Response:
    """Take the place of a demo member."""
    answer = RedirectResponse("/", 303)
    if any(member["number"] == number for member in demo_members()):
        answer.set_cookie(
            _COOKIE, f"{number}.{_sign(request, number)}", httponly=True, samesite="strict"
        )
    return answer


@router.post("/demo/logout")
async def logout() -> Response:
    """Be a guest again."""
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(_COOKIE)
    return answer


@router.get("/demo/identity-token")
async def identity_token(request: Request) -> JSONResponse:
    """What the member site gives to its own page: a token, or null for a guest."""
    number = _logged_in(request)
    token = request.app.state.site_tokens.mint(number) if number else None
    return JSONResponse({"identity_token": token}, headers={"Cache-Control": "no-store"})


def page(name: str, request: Request, **values: object) -> HTMLResponse:
    """A page of the demo site, with its frame."""
    links = {key: f"/demo/links/{key}" for key in _LINK_PAGES}
    links |= {"my_page": links["mypage"], "web_guide": links["web_registration_pdf"]}
    links["site_top"] = "/"
    number = _logged_in(request)
    current = next((m for m in demo_members() if m["number"] == number), None)
    html = _PAGES.get_template(name).render(
        site_name=_SITE, asset_base="/static", links=links, current=current, **values
    )
    headers = {"Content-Security-Policy": _CSP, "Cache-Control": "no-store"}
    return HTMLResponse(html, headers=headers)


def _logged_in(request: Request) -> str | None:
    number, _, signature = request.cookies.get(_COOKIE, "").partition(".")
    ok = number and hmac.compare_digest(signature.encode(), _sign(request, number).encode())
    return number if ok else None


def _sign(request: Request, number: str) -> str:
    secret = request.app.state.settings.secret_value().encode()
    return hmac.new(secret, f"demo-login\0{number}".encode(), sha256).hexdigest()


def _key(request: Request, number: str) -> str:
    return _sign(request, f"key\0{number}")[:16]
