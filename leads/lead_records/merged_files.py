"""Merged files: a person's file with those that were merged into it."""

from __future__ import annotations

from sqlmodel import Session, col, select

from leads.models.requests import Lead


def lead_and_merged_files(session: Session, lead: Lead) -> list[Lead]:
    """Return a lead and the leads whose files were merged into it."""
    merged = select(Lead).where(Lead.merged_into_id == lead.id).order_by(col(Lead.id))
    return [lead, *session.exec(merged)]
