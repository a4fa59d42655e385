"""Free text: what somebody's own words mean: danger, a wish about contact, a refusal, a time.

Pure, in English and Spanish, one vocabulary for forms, tables and texts. Anybody may ask it; it
knows no person, no form and no database, and decides nothing.
"""
