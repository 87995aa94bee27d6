"""What stands in a document more than once is said once."""

from typing import Any

from infra.openapi_components import share

PROBLEM: dict[str, Any] = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
}


def document(*responses: dict[str, Any]) -> dict[str, Any]:
    """Return a document of operations that answer 404 with these."""
    paths = {f"/{n}": {"get": {"responses": {"404": r}}} for n, r in enumerate(responses)}
    return {"paths": paths, "components": {}}


def answers(shared: dict[str, Any]) -> list[Any]:
    return [item["get"]["responses"]["404"] for item in shared["paths"].values()]


def test_what_stands_once_stays_where_it_is() -> None:
    given = document(PROBLEM | {"description": "Gone."})

    share(given)

    assert answers(given) == [PROBLEM | {"description": "Gone."}]
    assert given["components"]["responses"] == {}


def test_what_stands_twice_is_a_component_named_after_its_content() -> None:
    given = document(PROBLEM.copy(), PROBLEM.copy())

    share(given)

    assert answers(given) == [{"$ref": "#/components/responses/Problem404"}] * 2
    assert given["components"]["responses"] == {"Problem404": PROBLEM}


def test_different_ones_of_one_name_are_numbered() -> None:
    gone, hidden = PROBLEM | {"description": "Gone."}, PROBLEM | {"description": "Hidden."}
    given = document(gone.copy(), hidden.copy(), gone.copy(), hidden.copy())

    share(given)

    names = [answer["$ref"].rpartition("/")[2] for answer in answers(given)]
    assert names == ["Problem404", "Problem404_2"] * 2


def test_the_order_of_what_is_said_does_not_matter() -> None:
    given = document(
        {"description": "Gone.", "content": {}}, {"content": {}, "description": "Gone."}
    )

    share(given)

    assert answers(given) == [{"$ref": "#/components/responses/Response404"}] * 2


def test_responses_are_the_same_when_their_headers_are() -> None:
    given = document(
        *(PROBLEM | {"headers": {"ETag": {"description": text}}} for text in ("a", "b", "a"))
    )

    share(given)

    reference = {"$ref": "#/components/headers/ETag"}
    assert given["components"]["headers"] == {"ETag": {"description": "a"}}
    assert given["components"]["responses"]["Problem404"]["headers"] == {"ETag": reference}
    assert answers(given)[1]["headers"] == {"ETag": {"description": "b"}}
