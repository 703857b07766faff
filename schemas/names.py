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
    "support": "019b76da-a800-7d6c-8bbe-d2ab48497f90",  # Hovedstadens Letbane
    "response": "019b76da-a800-7360-9d85-ac4d6c75fed7",  # the demo's own
    "question": "019b76da-a800-75a9-905f-e30fe84d80cb",  # the demo's own
    "adoption": "019b76da-a800-7585-92a4-481e47cc3058",  # the demo's own
    "enquiry": "019b76da-a800-77ea-9683-83b72e6f0e5c",  # the demo's own
    "guidance": "019b76da-a800-7c4e-8fd4-d3c50eb19600",  # Markedsdialog før et udbud
    "document": "019b76da-a800-7ea4-b4f1-53798eb65182",  # the demo's own
    "partner": "019b76da-a800-7810-bd1d-42cc620c6682",  # Københavns Kommune
    "challenge": "019b76da-a800-7a05-8ba6-5cee1951ad03",  # Dieselmaskiner på offentlige byggepladser
    "project": "019b76da-a800-7135-9e8a-52e41ac35c1e",  # Sammen om emissionsfrie arbejdsmaskiner
    "user": "019b76da-a800-7078-a93f-9c247ebfa9c4",  # editor@aarhus.example
    "outcome": "019b76da-a800-7641-bddf-dd1d1559fcc3",  # 14 bygherrer vil stille krav om emissionsfri maskiner
    "client": "019b76da-a800-7881-8608-64690eed37c1",  # the demo's own
    "secret": "019b76da-a800-7c08-936f-c51f44ee9a88",  # the demo client's
    "import": "019b76da-a800-7f3c-9e1d-6b0f6d1c52a7",  # none is in the demo data
    "import_profile": "019b76da-a800-7b1e-8c5f-0d9a4e7f3b26",  # neither is a profile
}
"""One record of each kind that the demo data holds, so that an example works when it is pasted."""

EXAMPLE_SOURCES = {
    "partner": "koebenhavns-kommune",
    "challenge": "dieselmaskiner-paa-byggepladser",
    "project": "sammen-om-emissionsfrie-arbejdsmaskiner",
    "outcome": "emissionsfri-hensigtserklaering",
}
"""What the same records are called in the system they come from."""

WRITABLE_IDS = {
    "challenge": "019b76da-a800-774a-a3e1-c4f8d88b85d2",  # Mangel på hænder i hjemmeplejen, which is open
}
"""Where the usual example's life is over, one that still takes what is put to it."""
