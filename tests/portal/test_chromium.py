"""The browser of the tests: one that hangs takes no other test along."""

import os
import signal

from tests.portal.chromium import Chromium


def test_a_browser_that_hangs_is_ended_and_another_takes_its_place(browser: Chromium) -> None:
    hanging, pids = Chromium(browser.kind, patience=1.0), []
    for _ in range(2):
        with hanging.context() as context:
            page = context.new_page()
            page.set_content("<h1>Here</h1>")
            assert page.get_by_role("heading").inner_text() == "Here"
            pids.append(hanging.pid)
            os.kill(hanging.pid, signal.SIGSTOP)
    hanging.close()
    assert pids[0] != pids[1]
