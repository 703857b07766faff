"""Who somebody is: people and services, how they show it, and the roles they hold today."""

from api.identity.passwords import hashed
from api.identity.sessions import log_in, log_out
from api.identity.tokens import authenticate

__all__ = ["authenticate", "hashed", "log_in", "log_out"]
