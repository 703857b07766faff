"""Statistics over the records a caller sees: worked out once per state of the database, from the lists' own filters."""

from api.services.statistics.counts import Counts
from api.services.statistics.effects import effects
from api.services.statistics.journey import journey

__all__ = ["Counts", "effects", "journey"]
