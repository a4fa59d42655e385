"""The tables, one module for each subject, and the words that their columns hold.

No behavior: anybody may use them, and only `lifecycle` writes the state of a submission, lead,
callback or attempt. Whoever imports one module has loaded every table, because their foreign keys
name each other.
"""

from sqlalchemy.orm import configure_mappers

from leads.models import (
    advisors,
    audit,
    calls,
    disclosures,
    emergency_access,
    helplines,
    inbound,
    incidents,
    legal_holds,
    outbound,
    outbox,
    person_work,
    privacy_cases,
    requests,
    retention,
    sealing,
    shifts,
    voicemails,
    watching,
)

TABLES = (
    advisors,
    audit,
    calls,
    disclosures,
    emergency_access,
    helplines,
    inbound,
    incidents,
    legal_holds,
    outbound,
    outbox,
    person_work,
    privacy_cases,
    requests,
    retention,
    sealing,
    shifts,
    voicemails,
    watching,
)

configure_mappers()  # `bulk_rows` makes records without asking SQLAlchemy, which would do it then
