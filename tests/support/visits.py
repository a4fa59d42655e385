"""Browsers of colleagues who are signed in, as far as HTTP goes."""

from __future__ import annotations

import httpx

from tests.support.running_desk import PASSWORD, Desk
from tests.support.serving import PLAIN

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
EMAIL = "advisor1@example.org"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1"


class Visit(httpx.Client):
    """One browser of a colleague's, who is signed in there."""

    def __init__(self, desk: Desk, name: str = WINDOWS, email: str = EMAIL) -> None:
        headers = SAME_SITE | {"User-Agent": name}
        super().__init__(base_url=desk.url, headers=headers, trust_env=False, verify=PLAIN)
        given = {"email": email, "password": PASSWORD}
        assert self.post("/login", data=given).status_code == 303

    def is_in(self) -> bool:
        return self.get("/api/session").status_code == 200

    def acts(self, **given: str) -> httpx.Response:
        return self.post("/account", data=given, follow_redirects=True)
