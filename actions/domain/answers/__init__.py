"""What free text inside the check says for certain: named mails, plain statements, yes and no.

Rules only, next to the classifier: they answer where the words leave no doubt, else nothing.
"""

from actions.domain.answers.mails import mentions
from actions.domain.answers.plain import polarity
from actions.domain.answers.predicates import url_failed
from actions.domain.answers.statements import claims_in_text

__all__ = ["claims_in_text", "mentions", "polarity", "url_failed"]
