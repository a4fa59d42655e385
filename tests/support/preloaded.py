"""What every desk of the tests has loaded before it starts.

Imported where they are forked from (`tests/support/warm.py`).
"""

import functools
import gc
from datetime import UTC, datetime

import anyio._backends._asyncio
import pandas
import phonenumbers.data.region_US
import psycopg
import pyarrow
import starlette.middleware.sessions
import streamlit.web.bootstrap
import streamlit.web.skills
import twilio.rest.api.v2010
import uvicorn.lifespan.on
import uvicorn.protocols.http.auto
import uvicorn.protocols.websockets.auto
import uvloop
from streamlit.components.v2 import manifest_scanner

import dashboard.http.live_updates
import dashboard.http.sign_in
import leads.commands
import leads.database.migrate
import leads.intake.webhooks
import notifications.health
import notifications.twilio.webhooks
from leads.intake import warm_up

# Streamlit reads what every installed package says of itself at each start. No package comes
# between two tests.
manifest_scanner.scan_component_manifests = functools.cache(
    manifest_scanner.scan_component_manifests
)
manifest_scanner.scan_component_manifests()
warm_up.load_words_and_rules(now=datetime.now(UTC))
gc.collect()
gc.freeze()  # a desk looks through its own objects alone
