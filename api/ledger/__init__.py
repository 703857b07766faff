"""The write path: every changed record gets a new version, its document, and one event, all in the write's transaction.

The order of the event log is the order of the commits, without gaps: the number is taken under a lock that is held
until the commit. A sequence or a timestamp would let a reader of the feed pass over an event whose transaction was
still open when it looked.
"""

from api.domain.acting import acting, origin
from api.ledger.documents import render
from api.ledger.recording import lay_by, settle
from api.ledger.shapes import fingerprint, render_anew, stale

__all__ = ["acting", "fingerprint", "lay_by", "origin", "render", "render_anew", "settle", "stale"]
