"""What every desk of the tests has loaded before it starts.

Imported where they are forked from (`tests/support/warm.py`).
"""

import functools
import gc
import importlib
import os
import pkgutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import anyio._backends._asyncio
import anyio._core._fileio
import apscheduler.triggers.interval
import babel.lists
import pandas
import phonenumbers.data.region_US
import PIL.JpegImagePlugin
import PIL.PngImagePlugin
import psycopg
import pyarrow
import sqlalchemy.dialects.sqlite.pysqlite
import starlette.middleware.sessions
import starlette.staticfiles
import streamlit.env_util
import streamlit.material_icon_names
import streamlit.web.bootstrap
import streamlit.web.server.starlette.starlette_agent_routes
import streamlit.web.skills
import twilio.rest.api.v2010
import uvicorn.lifespan.on
import uvicorn.loops.uvloop
import uvicorn.protocols.http.auto
import uvicorn.protocols.websockets.auto
import uvloop
from streamlit.components.v2 import manifest_scanner

import dashboard.http
import dashboard.widgets
import leads
import notifications
from leads.database import migrate
from leads.intake import warm_up
from tests.support import first_statements, warm

# What is in the browser stays out: Streamlit learns of it in the process that serves it.
for package in (leads, notifications, dashboard.http):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.startswith(("leads.__main__", "leads.database.migrations")):
            importlib.import_module(module.name)

# Streamlit reads what every installed package says of itself at each start. No package comes
# between two tests.
manifest_scanner.scan_component_manifests = functools.cache(
    manifest_scanner.scan_component_manifests
)
manifest_scanner.scan_component_manifests()
# Nobody types in a shell here: to see that, it would read the source of every frame.
streamlit.env_util.is_repl = lambda: False
migrate.newest_revision()
warm_up.load_words_and_rules(now=datetime.now(UTC))
if known := os.environ.get(warm.KNOWN_DATABASE):
    template, address = known.split()
    first_statements.compile_first_statements(Path(template), address)
gc.collect()
gc.freeze()  # a desk looks through its own objects alone
