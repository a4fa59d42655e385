"""Parts of the set-up pages: a source and what it brought, files, phone, texts, hours and calls.

For the pages `helpline_setup` and `open_work`.
"""
