"""What the resources are called in addresses, and one record of each for examples."""

PLURALS = {
    "challenge": "challenges",
    "support": "supports",
    "question": "questions",
    "response": "responses",
    "partner": "partners",
    "project": "projects",
    "outcome": "outcomes",
    "adoption": "adoptions",
    "enquiry": "enquiries",
    "guidance": "guidance",
    "document": "documents",
}
SINGULARS = {plural: name for name, plural in PLURALS.items()}

EXAMPLE_IDS = {
    "support": "019b76da-a800-7000-8000-000000000001",
    "response": "019b76da-a800-7000-8000-000000000002",
    "question": "019b76da-a800-7000-8000-000000000003",
    "adoption": "019b76da-a800-7000-8000-000000000004",
    "enquiry": "019b76da-a800-7000-8000-000000000005",
    "guidance": "019b76da-a800-7000-8000-000000000006",
    "document": "019b76da-a800-7000-8000-000000000007",
    "partner": "019b76da-a800-7810-bd1d-42cc620c6682",  # Københavns Kommune
    "challenge": "019b76da-a800-7a05-8ba6-5cee1951ad03",  # Dieselmaskiner på offentlige byggepladser
    "project": "019b76da-a800-7135-9e8a-52e41ac35c1e",  # Sammen om emissionsfrie arbejdsmaskiner
    "outcome": "019b76da-a800-7641-bddf-dd1d1559fcc3",  # 14 bygherrer vil stille krav om emissionsfri maskiner
}
"""One record of each kind that the demo data holds, so that an example works when it is pasted."""
