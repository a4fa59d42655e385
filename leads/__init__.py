"""The domain: submissions become leads, leads become callbacks, callbacks are kept.

It knows no Streamlit, no Twilio and no APScheduler. For the edges: `app.py`, `dashboard` and
`notifications`.
"""
