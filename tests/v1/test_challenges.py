from tests.make import challenge_body


def test_a_need_becomes_public_when_copi_publishes_it(client, as_, make):
    owner = make.partner(kind="municipality")
    editor = as_(owner, "editor")

    made = editor.post("/challenges", challenge_body(owner))
    assert made.status_code == 201, made.json
    address = made.headers["Location"].removeprefix("/v1")
    assert made.json["state"] == "draft"
    assert made.headers["ETag"] == '"1"'
    assert client.get(address).status_code == 404

    assert editor.post(f"{address}/submit", version=1).json["state"] == "in_review"
    published = as_.copi_editor.post(f"{address}/publish", version=2)
    assert published.json["state"] == "open"
    assert client.get(address).json == published.json
