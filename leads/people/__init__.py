"""The people who work here: accounts, sign-in, sessions, presence, and what each role may do."""
