"""A desk as Streamlit comes.

Its own settings, a page that polls, and the forms' webhook in the same process.

It must be started where no `.streamlit` folder is. DATABASE_URL and PORT say the rest.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st
import uvicorn

from leads.intake import webhooks
from tests.support.databases import open_beside


def now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    open_beside(os.environ["DATABASE_URL"])
    if st.get_option("server.fileWatcherType") == "none":
        sys.exit("These are not Streamlit's own settings.")
    app = st.App(
        Path(__file__).with_name("naive_page.py"), routes=webhooks.submission_routes(now=now)
    )
    # Pages that leave while a saturated server speaks to them are told of as errors.
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="critical", access_log=False)
