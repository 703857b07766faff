"""Version 1 of the API: one file a resource."""

from api.v1 import (
    adoptions,
    challenges,
    code_lists,
    documents,
    enquiries,
    guidance,
    outcomes,
    partners,
    projects,
    questions,
    responses,
    statistics,
    supports,
    system,
    tasks,
    tokens,
)

BLUEPRINTS = (
    challenges.blp,
    supports.blp,
    questions.blp,
    responses.blp,
    partners.blp,
    projects.blp,
    outcomes.blp,
    adoptions.blp,
    enquiries.blp,
    guidance.blp,
    documents.blp,
    tasks.blp,
    statistics.blp,
    code_lists.blp,
    tokens.blp,
    system.blp,
)
