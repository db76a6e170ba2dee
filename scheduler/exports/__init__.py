"""Plans as they leave the program: for an audience, in its languages, in the forms in which people work.

plan -> redaction (one room decides what the audience sees) -> view -> succession (what changed since the issue before)
     -> formats (one file each, which know nothing but the view and the words) -> a folder, whole or not at all
"""

from scheduler.exports.export import Order, export
from scheduler.exports.issue import verify

__all__ = ["Order", "export", "verify"]
