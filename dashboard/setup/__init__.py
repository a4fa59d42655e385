"""Parts of the set-up pages: a source, its deliveries, importing a file, how a body is read.

For the pages `helpline_setup` and `open_work`.
"""
