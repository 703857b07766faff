"""Version 1 of the API: one file a resource."""

from api.v1 import challenges, code_lists, outcomes, partners, projects, statistics, system, tokens

BLUEPRINTS = (
    challenges.blp,
    partners.blp,
    projects.blp,
    outcomes.blp,
    statistics.blp,
    code_lists.blp,
    tokens.blp,
    system.blp,
)
