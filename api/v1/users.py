"""Users (brugere): everybody's accounts, for CO-PI's administrators."""

from flask.views import MethodView

from api.identity import users
from api.kit.blueprint import Blueprint
from api.models import User
from schemas.pages import page_of
from schemas.people import DutiesSchema, LetterSchema, ReasonSchema, UserQuery, UserSchema

blp = Blueprint("users", __doc__)


@blp.route("/users")
class Users(MethodView):
    @blp.operation("user:read", name="list_users", query=UserQuery, gives=page_of(UserSchema))
    def get(self, wanted):
        """List users

        By name; `q` finds a part of a name or an address.
        """
        return users.page(wanted)


@blp.route("/users/<uuid:id>")
class UserById(MethodView):
    @blp.operation("user:read", item=User, gives=UserSchema)
    def get(self, user):
        """Read a user

        With the roles held in partners and on the platform.
        """
        return users.told(user)


@blp.route("/users/<uuid:id>/block")
class Block(MethodView):
    @blp.operation("user:block", name="block_user", item=User, takes=ReasonSchema, gives=UserSchema)
    def post(self, fields, user):
        """Block a user

        Every session ends, no token counts from the next request on, and the invitations they wrote are void. The last
        administrator cannot be blocked.
        """
        return users.block(user, **fields)


@blp.route("/users/<uuid:id>/unblock")
class Unblock(MethodView):
    @blp.operation("user:unblock", name="unblock_user", item=User, takes=ReasonSchema, gives=UserSchema)
    def post(self, fields, user):
        """Unblock a user

        They log in anew.
        """
        return users.unblock(user, **fields)


@blp.route("/users/<uuid:id>/duties")
class Duties(MethodView):
    @blp.operation("user:change-duties", name="replace_duties", item=User, takes=DutiesSchema, gives=UserSchema)
    def put(self, fields, user):
        """Replace a user's roles on the platform

        What is left out is taken away, at the next request. The last administrator stays one. A service has none.
        """
        return users.set_duties(user, **fields)


@blp.route("/users/<uuid:id>/password-reset")
class PasswordReset(MethodView):
    @blp.operation("user:reset-password", name="reset_password", item=User, gives=LetterSchema, status=201)
    def post(self, user):
        """Offer a user a new password

        The answer holds the only copy of the token, which the person accepts with a new password within seven days.
        Until then the old one stays good.
        """
        return users.offer_reset(user)


@blp.route("/users/<uuid:id>/erase")
class Erasure(MethodView):
    @blp.operation("user:erase", name="erase_user", item=User, takes=ReasonSchema, status=204)
    def post(self, fields, user):
        """Erase a user's account

        For whoever wishes to be forgotten: as when one erases one's own.
        """
        users.erase(user, **fields)
