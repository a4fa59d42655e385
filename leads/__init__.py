"""The domain: submissions become leads, leads become callbacks, callbacks are kept.

It knows no Streamlit, no Twilio and no APScheduler, and edges alone use it. Its packages stand in
four storeys; docs/architecture.md draws them, and the contracts in pyproject.toml keep them.
"""
