"""Statistics over the records a caller sees: worked out once per state of the database, from the lists' own filters."""

from api.services.statistics.counts import Counts
from api.services.statistics.effects import read_effects
from api.services.statistics.journey import read_journey

__all__ = ["Counts", "read_effects", "read_journey"]
