"""The peer: the same facts served as most would serve them, with FastAPI, Pydantic and the SQLAlchemy ORM."""
