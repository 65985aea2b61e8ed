"""/demo/mails: the mails that a demo without a mail server would have sent (demo mode only)."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from actions.domain.calendar import TOKYO
from bot.channels.web.demo import page

router = APIRouter()


@router.get("/demo/mails", response_class=HTMLResponse)
async def mails(request: Request) -> HTMLResponse:
    """Newest first."""
    kept = request.app.state.identity.demo_mails
    sent = [
        {
            "to": mail.recipient,
            "subject": mail.subject,
            "text": mail.text,
            "at": f"{mail.written_at.astimezone(TOKYO):%H:%M:%S}",
        }
        for mail in (kept.sent if kept else ())
    ]
    return page("mails.html", request, mails=sent, by_smtp=kept is None)
