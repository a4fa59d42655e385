"""Set up a source: which form tool, where it sends to, what is read from it, and who proves to be the sender."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from sqlmodel import Session

from dashboard import file_import, widgets
from leads import db, embed, forms, settings, setup, sources
from leads.models import Advisor, Source
from leads.phone import masked
from leads.sources import Delivery, Door

LOOK_EVERY = "3s"
OURS = {
    "phone": "the phone number",
    "name": "their name",
    "email": "their e-mail address",
    "message": "their message",
    "consent": "the consent box",
    "best_time": "the best time to call",
    "for_whom": "for whom they ask",
    "city": "the city",
    "region": "the state",
    "zip": "the ZIP code",
    "id": "the form tool's own number",
}
CONSENT = {True: "given", False: "refused", None: "not asked"}
STANDS = {
    "received": "just arrived",
    "admitted": "in the queue",
    "duplicate": "joined an earlier one",
    "withheld": "held: they once said stop",
    "needs_review": "to review",
    "discarded": "discarded",
    "refused": "refused: wrong signature",
}

me = widgets.me()


@dataclass(frozen=True)
class Setup:
    """Everything the page shows besides the deliveries."""

    doors: dict[int, Door]
    brands: list[str]


def read() -> Setup:
    """Read the sources and the helplines they may belong to."""
    with db.reader() as session:
        doors = {door.source_id: door for door in sources.doors(session)}
        return Setup(doors, setup.brand_names(session))


def title_of(kind: str) -> str:
    """Return what people call a form tool."""
    return forms.vendor(kind).title


def choose(found: Setup) -> Door | None:
    """Choose a source; the choice is in the address of the page, so that it can be sent to a colleague."""
    asked = st.query_params.get("source", "")
    ids = list(found.doors)
    index = ids.index(int(asked)) if asked.isdecimal() and int(asked) in found.doors else 0
    names = Counter(door.name for door in found.doors.values())
    labels = {n: door.name if names[door.name] == 1 else f"{door.name} ({n})" for n, door in found.doors.items()}
    chosen = st.selectbox("Source", ids, index=index, format_func=labels.__getitem__)
    if chosen is not None:
        st.query_params["source"] = str(chosen)
    return found.doors.get(chosen or 0)


def draw_new(found: Setup) -> None:
    """Open one more door."""
    with st.expander("Add a source", icon=":material/add:"), st.form("new", border=False):
        name = st.text_input("What do you call it?", placeholder="For example: Our website")
        kind = st.selectbox("Which tool is the form made with?", forms.KINDS, format_func=title_of)
        left, right = st.columns(2)
        brand = left.selectbox("Helpline", found.brands) if len(found.brands) > 1 else ""
        region = right.text_input("Country of its phone numbers", value="US", max_chars=2)
        secret = st.text_input("Its secret, if the tool shows you one", type="password")
        if st.form_submit_button("Add the source", type="primary"):
            add(name, kind, brand or "", region, secret)


def add(name: str, kind: str, brand: str, region: str, secret: str) -> None:
    """Add a source and show it."""
    added: list[int] = []
    widgets.act(
        lambda s, a: added.append(
            sources.add(
                s,
                a,
                name,
                brand_name=brand,
                kind=kind,
                region=region,
                signing_secrets=(secret,) if secret.strip() else (),
                now=widgets.now(),
            ).id
        ),
        "The source is open. Follow the steps below.",
    )
    if added:
        st.query_params["source"] = str(added[0])
    st.rerun()


def draw_steps(door: Door) -> None:
    """Where the form tool sends to, and how to tell it."""
    at = setup.addresses_of(door.token, door.slug, public_url=settings.load().public_url)
    st.subheader(f"Connect {title_of(door.kind)}", anchor=False)
    st.caption("Webhook address: whoever knows it can send. Keep it between you and the form tool.")
    st.code(at.webhook_url, language=None, wrap_lines=True)
    for number, step in enumerate(forms.vendor(door.kind).steps, start=1):
        st.write(f"{number}. {step}")
    with st.expander("Or use our own form", icon=":material/web:"):
        st.caption("A page to link to")
        st.code(at.form_url, language=None, wrap_lines=True)
        st.caption("One line that puts it on any page, with the page's address and campaign carried along")
        st.code(embed.embed_line(at.form_url), language="html", wrap_lines=True)


def draw_door(door: Door) -> None:
    """The tool, the pause, the secrets and the address."""
    source = door.source_id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Form tool", forms.KINDS, index=forms.KINDS.index(door.kind), format_func=title_of, key=f"kind-{source}"
        )
        if kind != door.kind:
            change(source, lambda s, d, a: sources.change_kind(s, d, kind, a, now=widgets.now()))
        if door.paused_at and st.button("Resume", icon=":material/play_arrow:", type="primary"):
            change(source, lambda s, d, a: sources.resume(s, d, a, now=widgets.now()), "It rings again.")
        elif not door.paused_at and st.button("Pause", icon=":material/pause:"):
            change(source, lambda s, d, a: sources.pause(s, d, a, now=widgets.now()))
    if door.paused_at:
        st.warning(f"Paused {widgets.ago(door.paused_at)} ago: what comes is kept under Submissions to review.")
    with st.expander(f"Secrets: {len(door.secrets) or 'none, the address alone is the key'}", icon=":material/key:"):
        draw_secrets(door)


def draw_secrets(door: Door) -> None:
    """Replace a secret without a gap: add the new one, change it at the tool, remove the old one."""
    st.caption("To replace one: add the new one here, change it in the form tool, then remove the old one here.")
    for place, end in enumerate(door.secrets):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(f"Secret ending {widgets.plain(end)}")
            if st.button("Remove", key=f"drop-{door.source_id}-{place}"):
                drop(door, place)
    with st.form(f"secret-{door.source_id}", border=False, clear_on_submit=True):
        secret = st.text_input("New secret", type="password")
        if st.form_submit_button("Add the secret"):
            change(
                door.source_id,
                lambda s, d, a: sources.add_secret(s, d, secret, a, now=widgets.now()),
                "It counts from now on, beside the ones before.",
            )
    st.caption("Did somebody learn the webhook address?")
    if st.button("Give it a new address", icon=":material/autorenew:", key=f"renew-{door.source_id}"):
        change(
            door.source_id,
            lambda s, d, a: sources.renew_address(s, d, a, now=widgets.now()),
            "The old address is closed. Paste the new one into the form tool now.",
        )


def drop(door: Door, place: int) -> None:
    """Remove a secret."""
    change(
        door.source_id,
        lambda s, d, a: sources.drop_secret(s, d, place, a, now=widgets.now()),
        "What is signed with it is refused from now on, and kept for you to see.",
    )


def change(source_id: int, verb: Callable[[Session, Source, Advisor], object], done: str = "") -> None:
    """Change the source and draw it again."""
    widgets.act(lambda s, a: verb(s, s.get_one(Source, source_id), a), done)
    st.rerun()


@st.fragment(run_every=LOOK_EVERY)
def draw_deliveries(door: Door) -> None:
    """The last ten, with what was read; click one to see its fields."""
    with db.reader() as session:
        deliveries = sources.latest(session, door.source_id)
    if not deliveries:
        st.info("Nothing has come yet. Send a test here, then one from your form.", icon=":material/inbox:")
        return
    picked = st.dataframe(
        [line_of(delivery) for delivery in deliveries],
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
        # A choice is a line's number: with a new line on top it would be another one's.
        key=f"deliveries-{deliveries[0].submission_id}",
    )
    rows = picked["selection"]["rows"]
    if rows and rows[0] < len(deliveries):
        draw_fields(door, deliveries[rows[0]])
    else:
        st.caption("Click a line to see its fields, and to say which of them is the phone number.")


def line_of(delivery: Delivery) -> dict[str, str]:
    """Return one delivery as a line: nobody's number in full."""
    reading = delivery.reading
    return {
        "Came": f"{widgets.ago(delivery.received_at)} ago",
        "Stands": STANDS[delivery.state],
        "Name": str(reading.get("name") or ""),
        "Phone": masked(reading["phone"]) if reading.get("phone") else "",
        "Consent": CONSENT[reading.get("consent")],
        "Why": delivery.reason,
    }


def draw_fields(door: Door, delivery: Delivery) -> None:
    """What this form's fields hold, and which of them is what."""
    if delivery.reason:
        st.write(delivery.reason)
    if not delivery.fields:
        st.write("No fields were found in it.")
        return
    known = {theirs: OURS[ours] for ours, theirs in door.mapping.items() if ours in OURS}
    lines = [
        {"Field": label, "Holds": value, "You said it is": known.get(key, "")} for key, label, value in delivery.fields
    ]
    st.caption("Click a field, then say what it is.")
    picked = st.dataframe(
        lines, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"fields-{delivery.submission_id}"
    )
    rows = picked["selection"]["rows"]
    if rows:
        key, label, _ = delivery.fields[rows[0]]
        draw_mapping(door, key, label)


def draw_mapping(door: Door, theirs: str, label: str) -> None:
    """Say what a field is."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ours = st.selectbox(f"“{label}” is", list(OURS), format_func=OURS.__getitem__, key=f"ours-{theirs}")
        if st.button("Remember that", type="primary", key=f"map-{theirs}"):
            remember(door, ours, theirs)
        mapped = next((name for name, field in door.mapping.items() if field == theirs), "")
        if mapped and st.button("Forget it", key=f"forget-{theirs}"):
            remember(door, mapped, "")


def remember(door: Door, ours: str, theirs: str) -> None:
    """Map a field from now on."""
    widgets.act(
        lambda s, a: sources.map_field(s, s.get_one(Source, door.source_id), ours, theirs, a, now=widgets.now()),
        "Remembered for what comes. Press “Read them again” under Submissions to review for what waits there.",
    )
    st.rerun()


st.title("Helpline set-up", anchor=False)
widgets.said()
found = read()
draw_new(found)
file_import.draw(found.brands)
chosen = choose(found)
if chosen:
    connect, watch = st.columns([2, 3], gap="large")
    with connect:
        draw_door(chosen)
        draw_steps(chosen)
    with watch:
        st.subheader("Last ten deliveries", anchor=False)
        if st.button("Send a test", icon=":material/send:"):
            sources.send_test(chosen.source_id, now=widgets.now())
        draw_deliveries(chosen)
