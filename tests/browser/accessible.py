"""What axe finds on a page that is there as a whole."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def accessible(page: Page) -> None:
    """Fails with axe's findings, if any.

    After a link was followed the page's words can be there before its style sheet.
    """
    page.wait_for_load_state("load")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
