"""Rules inside a section about a source, and `reference`: what they refuse, at which field."""

from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.spec.base import RuleError
from monitoring_assets.spec.reference import ReferenceSpec
from monitoring_assets.spec.sources import ObjectStoreSpec, SourceSpec, SqlSourceSpec
from monitoring_assets_tests.spec.broken_rules import Place

HIDDEN = "hunter2"
EVERYTHING = "SELECT * FROM t"
STORE = {"endpoint": "http://minio:9000"}


def parquet(path: str, **more: Any) -> dict[str, Any]:
    return {"kind": "parquet", "path": path, **more}


def csv(**more: Any) -> dict[str, Any]:
    return {"kind": "csv", "path": "x.csv", **more}


def sql(**more: Any) -> dict[str, Any]:
    return {"kind": "sql", "url": f"postgresql://me:{HIDDEN}@warehouse/sales", **more}


BROKEN: list[tuple[dict[str, Any], Place, str]] = [
    (parquet("https://a.b/c"), ("path",), "'https://' is no place we can read; legal: s3://, gs:"),
    (parquet("s3://"), ("path",), "names no files; write s3://bucket/folder/*.parquet"),
    (parquet("s3://bucket"), ("path",), "names no files"),
    (parquet(f"s3://key:{HIDDEN}@bucket/x"), ("path",), "must not hold a key or a password"),
    (parquet("x", object_store={}), ("object_store",), "leave it out: path names files on a disk"),
    (
        parquet("gs://bucket/x", object_store=STORE),
        ("object_store", "endpoint"),
        "leave it out: it is for s3://, and path begins with gs://",
    ),
    (
        parquet("abfs://box@account/x", object_store={"region": "eu"}),
        ("object_store", "region"),
        "leave it out: it is for s3://",
    ),
    (csv(delimiter=".", decimal_point="."), ("delimiter",), "'.' is the decimal_point already"),
    (csv(decimal_point=","), ("delimiter",), "',' is the decimal_point already; try ';' or '|'"),
    (csv(quote=","), ("delimiter",), "',' is the quote already; try"),
    (csv(quote="."), ("quote",), "'.' is the decimal_point already"),
    (csv(delimiter="\n"), ("delimiter",), "'\\n' cannot be read; legal: a character of ASCII"),
    (csv(quote="«"), ("quote",), "'«' cannot be read"),
    (csv(encoding="utf-7000"), ("encoding",), "'utf-7000' is no encoding; try 'utf-8'"),
    (csv(encoding="utf\0"), ("encoding",), "is no encoding"),
    (sql(), (), "give either table or query"),
    (sql(table="a", query="SELECT 1"), (), "give either table or query"),
    (sql(query="DELETE FROM t"), ("query",), "must be a SELECT, or a WITH that ends in one"),
    (sql(query="SELECT 1;\n"), ("query",), "leave out the ; at its end"),
]


@pytest.mark.parametrize(("section", "path", "says"), BROKEN, ids=[b[2] for b in BROKEN])
def test_a_source_that_cannot_be_read_is_refused_at_the_field(
    section: dict[str, Any], path: Place, says: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter[Any](SourceSpec).validate_python(section)
    [error] = caught.value.errors()
    broken = error.get("ctx", {})["error"]
    assert isinstance(broken, RuleError)
    assert [one.path for one in broken.mistakes] == [path]
    assert says in str(broken)
    assert HIDDEN not in str(broken)


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("minio:9000", "must begin with http:// or https:// and name a host"),
        ("http://", "must begin with http:// or https:// and name a host"),
        (f"http://key:{HIDDEN}@minio:9000", "must not hold a key or a password"),
    ],
)
def test_an_endpoint_is_an_address_without_keys(endpoint: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        ObjectStoreSpec(endpoint=endpoint)
    assert HIDDEN not in str(caught.value)


LEGAL = [
    parquet("s3://bucket/x", object_store=STORE),
    parquet("abfss://container@account.dfs.core.windows.net/scores/*.parquet"),
    csv(delimiter=";", decimal_point=","),
    csv(delimiter="\t", quote="'", missing=("NA",)),
    sql(query="  -- newest first\n/* all of\nthem */ (select * from t)"),
    sql(query="WITH a AS (SELECT 1) SELECT * FROM a"),
]


@pytest.mark.parametrize("section", LEGAL, ids=str)
def test_a_source_that_can_be_read_is_let_pass(section: dict[str, Any]) -> None:
    assert TypeAdapter[Any](SourceSpec).validate_python(section).kind == section["kind"]


@pytest.mark.parametrize(
    ("query", "bounded"),
    [
        ("SELECT * FROM t WHERE at >= :window_start AND at < :window_end", True),
        ("SELECT * FROM t WHERE at < :window_end", True),
        ("SELECT :window_started FROM t", False),
        (r"SELECT '\:window_start' FROM t", False),
        ("SELECT * FROM t WHERE at > :window_start ::date", True),
        ("SELECT * FROM t", False),
    ],
)
def test_a_query_says_whether_it_asks_for_the_bounds_of_what_is_read(
    query: str, bounded: bool
) -> None:
    source = TypeAdapter(SqlSourceSpec).validate_python(sql(query=query))
    assert source.asks_for_bounds is bounded


@pytest.mark.parametrize(
    "query",
    [
        "SELECT :a, b::date, '12:30', c[1:n], d[:n], \\:e FROM t WHERE at >= :window_start",
        "SELECT ' :quoted', :window_start ::date -- :said",
        "SELECT :a::date, :_1, :ä",
    ],
)
def test_parameters_are_those_that_sqlalchemy_binds(query: str) -> None:
    source = TypeAdapter(SqlSourceSpec).validate_python(sql(query=query))
    assert source.parameters == {*sa.text(query).compile().params}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT * FROM t WHERE a > :window_start::date", ["CAST(:window_start AS date)"]),
        (
            "SELECT * FROM t WHERE a > :window_start::timestamptz AND a < :window_end:: date",
            ["CAST(:window_start AS timestamptz)", "CAST(:window_end AS date)"],
        ),
    ],
)
def test_a_bound_right_before_its_cast_is_a_mistake(query: str, says: list[str]) -> None:
    assert _said_of_query(query) == [
        f"write {one}: right before :: nothing is bound" for one in says
    ]


@pytest.mark.parametrize(
    "end", [";", "; ", "; -- all", "; /* a\nb */ -- c", "; -- it's;", "-- more\n;", "';' ;\n--"]
)
def test_a_semicolon_at_the_end_is_a_mistake_whatever_comment_follows(end: str) -> None:
    assert _said_of_query(f"{EVERYTHING} {end}") == [
        "leave out the ; at its end: it is read as if it were a table"
    ]


@pytest.mark.parametrize(
    "end", ["-- all;", "/* ; */", "WHERE a = ';'", "WHERE a = $$;$$", 'as ";"']
)
def test_a_semicolon_that_ends_nothing_is_let_pass(end: str) -> None:
    query = f"{EVERYTHING} {end}"
    assert TypeAdapter(SqlSourceSpec).validate_python(sql(query=query)).query == query


def _said_of_query(query: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(SqlSourceSpec).validate_python(sql(query=query))
    [error] = caught.value.errors()
    mistakes = error.get("ctx", {})["error"].mistakes
    assert {mistake.path for mistake in mistakes} == {("query",)}
    return [mistake.text for mistake in mistakes]


def test_the_url_of_a_database_does_not_show() -> None:
    source = TypeAdapter(SqlSourceSpec).validate_python(sql(table="t"))
    assert HIDDEN in source.url.get_secret_value()
    assert HIDDEN not in repr(source)


@pytest.mark.parametrize(
    ("section", "path", "says"),
    [
        (
            {"rolling_windows": 7, "since_deployment": True},
            ("since_deployment",),
            "give this or rolling_windows, not both",
        ),
        (
            {"rolling_windows": 7, "minimum_windows": 3},
            ("minimum_windows",),
            "leave it out, or set since_deployment",
        ),
    ],
)
def test_a_reference_moves_in_one_way(section: dict[str, Any], path: Place, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ReferenceSpec(**section)
    [error] = caught.value.errors()
    [mistake] = error.get("ctx", {})["error"].mistakes
    assert (mistake.path, mistake.text) == (path, says)
