"""What makes a good password (NIST SP 800-63B-4), and that it is kept well."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher

from api.models import User
from tests.people.conftest import NEW
from tests.v1.expect import problem

GOOD = [
    "fire graner ved en gul låge", "kanel cykel mosgrøn trappe", "x8Kd92mLqPzR5vB", "Jeg spiste ni pærer i går", "ni små grå katte",
    "blå" + " o" * 3 + " trold i mosen", "🌲🐻🦊🐺🦉🐝🦋🐢🐍🦎🐙🦑🦀🐡🐬", "#9!%&/()=?`^*_:", "grød" * 3 + "vand og smør med kanel",
    "w" + "vjælpqzkdrtnmf" * 9 + "!",
]  # fmt: skip
GUESSABLE = [
    "aaaaaaaaaaaaaaa", "passwordpassword", "p@ssw0rdp@ssw0rd", "qwertyuiopasdfg", "123456789012345", "abcdefghijklmno",
    "1q2w3e4r5t6y7u8i", "Sommer2026Sommer2026", "adgangskode12345", "iloveyouiloveyou", "co-pi co-pi co-pi", "januarfebruarmarts",
    "København2026!!", "correct horse battery staple", "----------------", "æøåæøåæøåæøåæøå", "user@tests.example", "Karen Holm 2026",
    "karenholm karen", "hjemme-kommune-1", "Hjemme Kommune 2026!", "\u00e5" * 15, "abcabcabcabcabcx", "velkommen-til-co-pi",
    "iwillalwaysloveyou", "Supercalifragilisticexpialidocious", "may the force be with you", "Never gonna give you up!",
    "To be, or not to be: that is the question", "mickeymouse12345", "iloveyouforever1", "michaeljackson1958",
    "detteermitpassword", "Hej, med dig: mit navn", "hejmeddigmitnavn", "Der er et yndigt land",
]  # fmt: skip


@pytest.fixture
def karen(make, log_in):
    make.user(email="user@tests.example", name="Karen Holm", roles={make.home: "editor"})
    return log_in("user@tests.example")


def change(client, new, current="correct horse battery staple"):
    return client.put("/me/password", {"current": current, "new": new})


def test_a_good_password_may_be_chosen(client, karen, log_in):
    current = "correct horse battery staple"
    for good in GOOD:
        answer = change(karen, good, current)
        assert answer.status_code == 204, (good, answer.json)
        current = good
    log_in("user@tests.example", current)


def test_what_is_guessed_first_may_not(karen):
    for bad in GUESSABLE:
        refusal = problem(change(karen, bad), 422, "/new")
        assert "gætte" in refusal["errors"][0]["detail"], bad
    english = karen.put("/me/password", {"current": "correct horse battery staple", "new": GUESSABLE[0]},
                        headers={"Accept-Language": "en"})  # fmt: skip
    assert "easy to guess" in english.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("new", "words"),
    [("kort og god nok", None), ("kort og godt n", "mindst 15"), ("🌲🐻🦊🐺🦉🐝🦋🐢🐍🦎🐙🦑🦀🐡", "mindst 15"),
     ("a\u030a" * 14, "mindst 15"), ("vjælpqzkdrtnmf uø" * 8, "128"), ("vjælpqzkdrtnmf u" * 8, None)],
)  # fmt: skip
def test_its_length_is_counted_in_characters_as_people_see_them(karen, new, words):
    answer = change(karen, new)
    if words is None:
        assert answer.status_code == 204, answer.json
    else:
        assert words in problem(answer, 422, "/new")["errors"][0]["detail"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_a_password_is_the_same_on_every_keyboard(karen, log_in, form, typed):
    assert change(karen, unicodedata.normalize(form, NEW)).status_code == 204
    log_in("user@tests.example", unicodedata.normalize(typed, NEW))


@pytest.mark.parametrize(
    "body",
    [{}, {"current": "x"}, {"new": NEW}, {"current": None, "new": NEW}, {"current": 5, "new": NEW}, {"current": "x", "new": ["a"]},
     {"current": "x", "new": "a\x00" * 10}, {"current": "x", "new": "a" * 513}, {"current": "x", "new": NEW, "again": NEW},
     {"current": "x", "new": "\ud800" * 20}],
)  # fmt: skip
def test_a_change_that_is_not_well_formed_is_refused(karen, body):
    answer = karen.put("/me/password", body)
    problem(answer, answer.status_code)
    assert answer.status_code in (400, 422)


def test_parameters_of_long_ago_are_put_right_at_the_next_log_in(app, make, log_in):
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("et gammelt og langt ord")
    id = make.user(email="old@tests.example", password_hash=old)
    log_in("old@tests.example", "et gammelt og langt ord")
    with app.extensions["copi"].database.writing() as session:
        renewed = session.get_one(User, id).password_hash
    assert "m=65536,t=3,p=4" in renewed
    log_in("old@tests.example", "et gammelt og langt ord")
