"""The domain: submissions become leads, leads become callbacks, callbacks are kept."""
