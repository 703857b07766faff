"""Who somebody is: passwords, access tokens, and the roles a person holds today."""

from api.identity.passwords import hashed
from api.identity.tokens import authenticate, log_in

__all__ = ["authenticate", "hashed", "log_in"]
