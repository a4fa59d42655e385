"""Permissions: how a colleague is named in the audit trail, and what a role may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from sqlalchemy import ColumnElement
from sqlalchemy.orm import object_session
from sqlmodel import Session, SQLModel, col, select

from leads.errors import LostRace, NotAllowed, ProofNeeded
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from leads.models.helpline_scope import RowKey, is_row_served


class Permission(StrEnum):
    """One act that a person may be refused; `act` says it after “Only a supervisor can”."""

    act: Phrase

    def __new__(cls, word: str, act: Phrase) -> Self:
        """Make a permission of its word and what it lets somebody do."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.act = act
        return member

    SIGN_IN = "sign_in", Phrase("use the desk")
    TAKE_CALLBACKS = "take_callbacks", Phrase("take callbacks")
    ENTER_REQUEST = "enter_request", Phrase("enter a request")
    SEE_OWN_PEOPLE = "see_own_people", Phrase("see the people from your own calls")
    STOP_CONTACT = "stop_contact", Phrase("stop all contact with someone")
    ADD_TASK = "add_task", Phrase("work with tasks")
    RECORD_DISCLOSURE = "record_disclosure", Phrase("record what others are told")
    RECORD_PRIVACY_CASE = (
        "record_privacy_case",
        Phrase("record a complaint or a suspected breach"),
    )
    HANDLE_PRIVACY_CASE = "handle_privacy_case", Phrase("handle complaints and breaches")
    OPEN_IN_EMERGENCY = (
        "open_in_emergency",
        Phrase("open a file of another helpline in an emergency"),
    )
    REVIEW_EMERGENCY_ACCESS = "review_emergency_access", Phrase("review an emergency access")
    JOIN_CALL = "join_call", Phrase("join a colleague's call")
    SEE_BOARD = "see_board", Phrase("see the work list")
    ASSIGN_CALLBACK = "assign_callback", Phrase("assign a callback")
    SCHEDULE_CALLBACK = "schedule_callback", Phrase("schedule a callback")
    RECORD_OUTREACH = "record_outreach", Phrase("record another way of contact")
    AGREE_SAFE_TIME = "agree_safe_time", Phrase("record an agreed safe time")
    MOVE_CALLBACK_UP = "move_callback_up", Phrase("move a callback up")
    RELEASE_HOLD = "release_hold", Phrase("return a held callback to the queue")
    CANCEL_CALLBACK = "cancel_callback", Phrase("cancel a callback")
    CORRECT_OUTCOME = "correct_outcome", Phrase("correct the outcome of a call")
    SEE_INCIDENTS = "see_incidents", Phrase("see the incidents")
    DECIDE_INCIDENT = "decide_incident", Phrase("decide on someone else's incident")
    OVERRIDE_HOURS = "override_hours", Phrase("approve an after-hours call")
    SET_EMERGENCY_NUMBERS = "set_emergency_numbers", Phrase("change the emergency numbers")
    LIFT_SUPPRESSION = "lift_suppression", Phrase("remove a number from the do-not-contact list")
    SEARCH_LEAD_FILES = "search_lead_files", Phrase("search for a person's file")
    READ_LEAD_FILE = "read_lead_file", Phrase("read a person's file")
    SEE_NUMBER = "see_number", Phrase("see this number")
    SEND_TEXT = "send_text", Phrase("text someone who is not assigned to an advisor")
    WRITE_TEXT = "write_text", Phrase("write a custom text")
    CORRECT_LEAD = "correct_lead", Phrase("correct a lead")
    MERGE_LEADS = "merge_leads", Phrase("merge two files")
    UNMERGE_LEADS = "unmerge_leads", Phrase("separate merged files")
    EXPORT_LEAD_DATA = "export_lead_data", Phrase("export a person's data")
    PLACE_LEGAL_HOLD = "place_legal_hold", Phrase("place a legal hold")
    LIFT_LEGAL_HOLD = "lift_legal_hold", Phrase("lift a legal hold")
    ERASE_PERSON = "erase_person", Phrase("erase a person's data")
    SEE_RETENTION = "see_retention", Phrase("see what is deleted after a time")
    SEE_REVIEW = "see_review", Phrase("see the submissions to review")
    DECIDE_SUBMISSION = "decide_submission", Phrase("decide on a submission")
    DECIDE_STATEMENT = "decide_statement", Phrase("decide between two statements")
    DECIDE_TEXT = "decide_text", Phrase("decide on a text")
    PLAY_VOICEMAIL = "play_voicemail", Phrase("listen to this voicemail")
    REPROCESS_SUBMISSIONS = "reprocess_submissions", Phrase("process submissions again")
    SEE_SOURCES = "see_sources", Phrase("see the sources")
    SEE_DELIVERIES = "see_deliveries", Phrase("see what a source sent")
    ADD_SOURCE = "add_source", Phrase("add a source")
    CHANGE_SOURCE = "change_source", Phrase("change a source")
    SET_OWN_HOURS = "set_own_hours", Phrase("change the hours of a helpline")
    SET_AFTER_CALL = "set_after_call", Phrase("change what happens after a call")
    SET_INTAKE_QUESTIONS = "set_intake_questions", Phrase("change what advisors ask on a call")
    TEST_SOURCE = "test_source", Phrase("send a test")
    IMPORT_FILE = "import_file", Phrase("import a file")
    SEE_REPORT = "see_report", Phrase("see the service report")
    GET_DIGEST = "get_digest", Phrase("get the figures")
    SEE_WALLBOARD = "see_wallboard", Phrase("see the wallboard")
    LET_TELEVISION_IN = "let_television_in", Phrase("show the wallboard on a TV")
    END_TELEVISION = "end_television", Phrase("turn off the wallboard on a TV")
    SEE_ALERTS = "see_alerts", Phrase("see the alerts")
    ACKNOWLEDGE_ALERT = "acknowledge_alert", Phrase("acknowledge an alert")
    SET_ESCALATION = "set_escalation", Phrase("change when supervisors get alerts")
    TEST_CHANNEL = "test_channel", Phrase("send a test message")
    BE_ON_CALL = "be_on_call", Phrase("be on call")
    PUT_ON_CALL = "put_on_call", Phrase("put someone on call")
    TAKE_OFF_CALL = "take_off_call", Phrase("take someone off call")
    SEE_COLLEAGUES = "see_colleagues", Phrase("see the list of colleagues")
    ADD_COLLEAGUE = "add_colleague", Phrase("add a colleague")
    INVITE_COLLEAGUE = "invite_colleague", Phrase("create a link for a colleague")
    DEACTIVATE_COLLEAGUE = "deactivate_colleague", Phrase("deactivate a colleague")
    ACTIVATE_COLLEAGUE = "activate_colleague", Phrase("activate a colleague")
    SIGN_OUT_COLLEAGUE = "sign_out_colleague", Phrase("sign out a colleague")
    RESET_SECOND_FACTOR = "reset_second_factor", Phrase("reset a colleague's two-step sign-in")
    SET_COMPETENCE = "set_competence", Phrase("set a colleague's languages and skills")
    SET_WISH_RULES = "set_wish_rules", Phrase("change advisor preferences")
    SEE_SHIFTS = "see_shifts", Phrase("see the shifts")
    SWAP_SHIFTS = "swap_shifts", Phrase("swap shifts")
    PLAN_SHIFTS = "plan_shifts", Phrase("plan the shifts")
    CHANGE_ROLE = "change_role", Phrase("change a role")
    SET_HELPLINES = "set_helplines", Phrase("set the helplines of a colleague")
    SEE_AUDIT = "see_audit", Phrase("see the audit log")
    SEE_DESTINATIONS = "see_destinations", Phrase("see where events are sent")
    CHANGE_DESTINATION = "change_destination", Phrase("change where events are sent")
    SEE_API_TOKENS = "see_api_tokens", Phrase("see the access tokens")
    CHANGE_API_TOKEN = "change_api_token", Phrase("change an access token")


FOR_ADVISORS = frozenset(
    {
        Permission.SIGN_IN,
        Permission.TAKE_CALLBACKS,
        Permission.ENTER_REQUEST,
        Permission.SEE_OWN_PEOPLE,
        Permission.STOP_CONTACT,
        Permission.ADD_TASK,
        Permission.RECORD_DISCLOSURE,
        Permission.RECORD_PRIVACY_CASE,
        Permission.OPEN_IN_EMERGENCY,
        Permission.SEE_SHIFTS,
        Permission.SWAP_SHIFTS,
    }
)
FOR_SUPERVISORS = frozenset(
    {
        Permission.HANDLE_PRIVACY_CASE,
        Permission.REVIEW_EMERGENCY_ACCESS,
        Permission.JOIN_CALL,
        Permission.SEE_BOARD,
        Permission.ASSIGN_CALLBACK,
        Permission.SCHEDULE_CALLBACK,
        Permission.RECORD_OUTREACH,
        Permission.AGREE_SAFE_TIME,
        Permission.MOVE_CALLBACK_UP,
        Permission.RELEASE_HOLD,
        Permission.CANCEL_CALLBACK,
        Permission.CORRECT_OUTCOME,
        Permission.SEE_INCIDENTS,
        Permission.DECIDE_INCIDENT,
        Permission.OVERRIDE_HOURS,
        Permission.SET_EMERGENCY_NUMBERS,
        Permission.LIFT_SUPPRESSION,
        Permission.SEARCH_LEAD_FILES,
        Permission.READ_LEAD_FILE,
        Permission.SEE_NUMBER,
        Permission.SEND_TEXT,
        Permission.WRITE_TEXT,
        Permission.CORRECT_LEAD,
        Permission.MERGE_LEADS,
        Permission.UNMERGE_LEADS,
        Permission.EXPORT_LEAD_DATA,
        Permission.PLACE_LEGAL_HOLD,
        Permission.ERASE_PERSON,
        Permission.SEE_REVIEW,
        Permission.DECIDE_SUBMISSION,
        Permission.DECIDE_STATEMENT,
        Permission.DECIDE_TEXT,
        Permission.PLAY_VOICEMAIL,
        Permission.REPROCESS_SUBMISSIONS,
        Permission.SEE_SOURCES,
        Permission.SEE_DELIVERIES,
        Permission.ADD_SOURCE,
        Permission.CHANGE_SOURCE,
        Permission.SET_OWN_HOURS,
        Permission.SET_AFTER_CALL,
        Permission.SET_INTAKE_QUESTIONS,
        Permission.TEST_SOURCE,
        Permission.IMPORT_FILE,
        Permission.SEE_REPORT,
        Permission.GET_DIGEST,
        Permission.SEE_WALLBOARD,
        Permission.LET_TELEVISION_IN,
        Permission.END_TELEVISION,
        Permission.SEE_ALERTS,
        Permission.ACKNOWLEDGE_ALERT,
        Permission.SET_ESCALATION,
        Permission.TEST_CHANNEL,
        Permission.BE_ON_CALL,
        Permission.PUT_ON_CALL,
        Permission.TAKE_OFF_CALL,
        Permission.SEE_COLLEAGUES,
        Permission.ADD_COLLEAGUE,
        Permission.INVITE_COLLEAGUE,
        Permission.DEACTIVATE_COLLEAGUE,
        Permission.ACTIVATE_COLLEAGUE,
        Permission.SIGN_OUT_COLLEAGUE,
        Permission.RESET_SECOND_FACTOR,
        Permission.SET_COMPETENCE,
        Permission.SET_WISH_RULES,
        Permission.PLAN_SHIFTS,
    }
)
FOR_ADMINS = frozenset(
    {
        Permission.CHANGE_ROLE,
        Permission.SET_HELPLINES,
        Permission.SEE_AUDIT,
        Permission.LIFT_LEGAL_HOLD,
        Permission.SEE_RETENTION,
        Permission.SEE_DESTINATIONS,
        Permission.CHANGE_DESTINATION,
        Permission.SEE_API_TOKENS,
        Permission.CHANGE_API_TOKEN,
    }
)
PERMISSIONS: Mapping[AdvisorRole, frozenset[Permission]] = {
    AdvisorRole.ADVISOR: FOR_ADVISORS,
    AdvisorRole.SUPERVISOR: FOR_ADVISORS | FOR_SUPERVISORS,
    AdvisorRole.ADMIN: FOR_ADVISORS | FOR_SUPERVISORS | FOR_ADMINS,
}
"""What each role may. A permission that none of the three lists names is nobody's."""
NEEDS_PROOF = frozenset(
    {
        Permission.EXPORT_LEAD_DATA,
        Permission.ERASE_PERSON,
        Permission.ADD_COLLEAGUE,
        Permission.INVITE_COLLEAGUE,
        Permission.RESET_SECOND_FACTOR,
        Permission.CHANGE_ROLE,
        Permission.SET_HELPLINES,
        Permission.LIFT_LEGAL_HOLD,
        Permission.CHANGE_DESTINATION,
        Permission.CHANGE_API_TOKEN,
    }
)
"""What takes a recent proof of who asks, where they ask from a session that others could steal."""
HAS_RECENT_PROOF = "has recent proof"
"""Under which a page keeps, with its transaction, the function that says whether there is one."""
AUTHORITY: Mapping[AdvisorRole, frozenset[AdvisorRole]] = {
    AdvisorRole.SUPERVISOR: frozenset({AdvisorRole.ADVISOR}),
    AdvisorRole.ADMIN: frozenset(AdvisorRole),
}
"""Whom each role looks after: whoever could give a supervisor's password to somebody could take it.
"""


@dataclass(frozen=True)
class RoleLabel:
    """What a role is called: by itself, and within a sentence."""

    title: Phrase
    in_sentence: Phrase


ROLE_LABELS: Mapping[AdvisorRole, RoleLabel] = {
    AdvisorRole.ADVISOR: RoleLabel(Phrase("Advisor"), Phrase("advisor")),
    AdvisorRole.SUPERVISOR: RoleLabel(Phrase("Supervisor"), Phrase("supervisor")),
    AdvisorRole.ADMIN: RoleLabel(Phrase("Admin"), Phrase("admin")),
}
UNKNOWN_ROLE = RoleLabel(Phrase("Unknown"), Phrase("with an unknown role"))
HELPLINE = "helpline"  # what somebody lacks who does not serve the one that something belongs to
NOT_SERVED = Phrase("This belongs to a helpline that you do not serve. Ask an admin.")
PERMITS_NOTHING = Phrase("Your role has no permissions here. Ask an admin for another role.")


@dataclass(frozen=True)
class Operator:
    """Whoever gives commands at the machine, who could write into the database as well.

    No permission is asked of them; `name` is what the audit trail calls them.
    """

    name: str = "operator"


OPERATOR = Operator()


def role_label(role: AdvisorRole) -> RoleLabel:
    """Return what a role is called; one without a row in the table is unknown."""
    return ROLE_LABELS.get(role, UNKNOWN_ROLE)


def role_may(role: AdvisorRole, permission: Permission) -> bool:
    """Whether a role has a permission; one without a row in the table has none."""
    return permission in PERMISSIONS.get(role, frozenset())


def roles_under(role: AdvisorRole) -> frozenset[AdvisorRole]:
    """Return the roles of those whom somebody of this role looks after."""
    return AUTHORITY.get(role, frozenset())


def served_helplines(person: Advisor | Operator) -> frozenset[int] | None:
    """Return the ids of the helplines that somebody serves; None for all, those to come too."""
    return None if isinstance(person, Operator) else helplines_of(person.role, person.helplines)


def helplines_of(role: AdvisorRole, helplines: Iterable[int] | None) -> frozenset[int] | None:
    """Return what `served_helplines` does, by the columns of an advisor."""
    if role is AdvisorRole.ADMIN:
        return None
    if role not in PERMISSIONS:
        return frozenset()
    return None if helplines is None else frozenset(helplines)


def does_serve(person: Advisor | Operator, brand_id: int) -> bool:
    """Whether somebody serves a helpline."""
    helplines = served_helplines(person)
    return helplines is None or brand_id in helplines


def serves_every_helpline_of(person: Advisor | Operator, other: Advisor | Operator) -> bool:
    """Whether somebody serves whatever another one does."""
    theirs, others = served_helplines(person), served_helplines(other)
    return theirs is None or (others is not None and others <= theirs)


def require_permission(
    person: Advisor | Operator, permission: Permission, *about: SQLModel | RowKey
) -> None:
    """Raise NotAllowed unless it is the operator, or the person's role has the permission.

    So does it unless they serve the helplines of the rows that it is `about`. Raises ProofNeeded
    for what needs one, if a page asks whose person gave none lately.
    """
    if isinstance(person, Operator):
        return
    if not role_may(person.role, permission):
        raise _refusal_sentence(permission, permission.act)
    for row in about:
        require_served(person, row)
    if permission in NEEDS_PROOF:
        of_page = object_session(person)
        has_proof = of_page.info.get(HAS_RECENT_PROOF) if of_page else None
        if has_proof is not None and not has_proof():
            raise ProofNeeded


def require_served(person: Advisor | Operator, about: SQLModel | RowKey) -> None:
    """Raise NotAllowed unless somebody serves the helpline that a row belongs to."""
    if not is_served_by(person, about):
        raise NotAllowed(NOT_SERVED, lacking=HELPLINE)


def is_served_by(person: Advisor | Operator, about: SQLModel | RowKey) -> bool:
    """Whether somebody serves the helpline that a row belongs to."""
    helplines = served_helplines(person)
    if helplines is None:
        return True
    session = object_session(person)
    return isinstance(session, Session) and is_row_served(session, about, helplines)


def require_colleague_serves(colleague: Advisor, brand_id: int) -> None:
    """Raise NotAllowed for a colleague who is to get work of a helpline that they do not serve."""
    if not does_serve(colleague, brand_id):
        raise NotAllowed(
            Phrase("{name} does not serve this helpline. Choose someone else.", name=colleague.name)
        )


def require_over_role(
    person: Advisor | Operator, permission: Permission, role: AdvisorRole
) -> None:
    """Raise NotAllowed unless the person has the permission and looks after that role.

    The operator looks after everybody.
    """
    require_permission(person, permission)
    if not isinstance(person, Operator) and role not in roles_under(person.role):
        act = Phrase("{act} who is {role}", act=permission.act, role=role_label(role).in_sentence)
        raise NotAllowed(Phrase("Only an admin can {act}.", act=act), lacking=permission.value)


def require_over_colleague(
    person: Advisor | Operator, permission: Permission, colleague: Advisor
) -> None:
    """Raise NotAllowed unless the person looks after the colleague, and serves what they do.

    Whoever could sign in as the colleague would see it too.
    """
    require_over_role(person, permission, colleague.role)
    if not serves_every_helpline_of(person, colleague):
        raise NotAllowed(
            Phrase("{name} serves helplines that you do not. Ask an admin.", name=colleague.name)
        )


def has_permission_clause(permission: Permission) -> ColumnElement[bool]:
    """Return the condition that an advisor's role has a permission."""
    return col(Advisor.role).in_([role for role in PERMISSIONS if role_may(role, permission)])


def list_active_people_who_may(
    session: Session, permission: Permission, *, brand_id: int | None = None
) -> list[Advisor]:
    """Return everybody who has a permission and still works here, and serves that helpline."""
    people = select(Advisor).where(
        has_permission_clause(permission), col(Advisor.deactivated_at).is_(None)
    )
    return [
        person
        for person in session.exec(people.order_by(col(Advisor.id)))
        if brand_id is None or does_serve(person, brand_id)
    ]


ADVISOR_ACTOR = "advisor:"
"""How the names of all advisors in the audit trail begin."""


API_ACTOR = "api_token:"
"""How the names of all programs that read over the API begin."""


def actor_of(person: Advisor | Operator) -> str:
    """Return how an advisor or the operator is named in the audit trail."""
    return person.name if isinstance(person, Operator) else actor_of_id(person.id)


def actor_of_id(advisor_id: int) -> str:
    """Return how the advisor with this id is named in the audit trail."""
    return f"{ADVISOR_ACTOR}{advisor_id}"


def require_claimed_by(callback: Callback, advisor: Advisor) -> None:
    """Raise LostRace unless the callback is in this advisor's hands.

    Raises NotAllowed where the advisor's role takes no callbacks any more.
    """
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    if callback.advisor_id != advisor.id:
        msg = Phrase("This callback is no longer assigned to you.")
        raise LostRace(msg)


def _refusal_sentence(permission: Permission, act: Phrase) -> NotAllowed:
    """Return who may what was refused, as a sentence."""
    if permission in FOR_ADVISORS:
        sentence = PERMITS_NOTHING
    elif permission in FOR_SUPERVISORS:
        sentence = Phrase("Only a supervisor can {act}.", act=act)
    else:
        sentence = Phrase("Only an admin can {act}.", act=act)
    return NotAllowed(sentence, lacking=permission.value)
