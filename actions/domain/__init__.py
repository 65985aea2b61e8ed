"""Pure rules of the procedure: facts and a date in, a decision out.

Nothing here knows the web, Rasa or the wording. Dates are civil dates in Asia/Tokyo,
instants are timezone-aware datetimes.
"""
