"""Samples of CSV files: how they are written, how many rows they have, parts of a large one."""

import gzip
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding import csv_origin
from monitoring_assets.onboarding.csv_text import guess_dialect
from monitoring_assets.onboarding.files import find_files
from monitoring_assets.spec.sources import ObjectStoreSpec
from monitoring_assets_tests.onboarding.data import (
    ROWS,
    binary_rows,
    loaded,
    proposed,
    roles,
    write,
)

GERMAN = """\
zeit;betrag;ort;prediction
2025-01-01 08:00;1,5;Köln;2,5
2025-01-02 08:00;2;Köln;1,25
2025-01-03 08:00;2,75;Ulm;0,5
"""


def german(folder: Path, encoding: str = "utf-8") -> Path:
    (folder / "a.csv").write_text(GERMAN, encoding=encoding)
    return folder / "a.csv"


def found_in(path: Path) -> csv_origin.CsvOrigin:
    return csv_origin.CsvOrigin(find_files("small", str(path), Path("/data"), ObjectStoreSpec()))


def source(path: Path) -> dict[str, object]:
    proposal = proposed(path)
    return {entry.name: entry.value for entry in proposal.origin.source()}


def test_a_csv_file_is_what_the_same_parquet_file_is(tmp_path: Path) -> None:
    rows = binary_rows()
    csv, parquet = write(rows, tmp_path / "a.csv"), write(rows, tmp_path / "b.parquet")
    assert roles(proposed(csv)) == roles(proposed(parquet))
    assert proposed(csv).cut == proposed(parquet).cut
    assert proposed(csv).sample.rows == ROWS


@pytest.mark.parametrize(
    ("encoding", "written"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252")]
)
def test_semicolons_decimal_commas_and_the_encoding_are_seen(
    tmp_path: Path, encoding: str, written: str
) -> None:
    found = source(german(tmp_path, encoding))
    assert found["delimiter"] == ";"
    assert found["decimal_point"] == ","
    assert found.get("encoding", "utf-8") == written
    proposal = proposed(tmp_path / "a.csv")
    assert roles(proposal)["betrag"] == "numerical"
    assert proposal.event_time.name == "zeit"


@pytest.mark.parametrize(
    ("text", "delimiter", "quote"),
    [
        (b"a,b\n1,2\n", ",", '"'),
        (b"a\tb\n1,5\t2\n", "\t", '"'),
        (b"a|b;c|d\n1|2|3\n", "|", '"'),
        (b"'a';'b'\n'1;2';'3'\n", ";", "'"),
        (b"a\n1\n", ",", '"'),
        (b"", ",", '"'),
    ],
)
def test_a_delimiter_cuts_all_lines_alike(text: bytes, delimiter: str, quote: str) -> None:
    dialect = guess_dialect(text)
    assert (dialect.delimiter, dialect.quote) == (delimiter, quote)


def test_texts_for_missing_numbers_are_found_in_columns_of_numbers(tmp_path: Path) -> None:
    amount = np.where(np.arange(ROWS) % 9 == 0, "N/A", (np.arange(ROWS) / 7).astype(str))
    path = write(binary_rows(amount=amount), tmp_path / "a.csv")
    assert source(path)["missing"] == ("N/A",)
    look = proposed(path).looks["amount"]
    assert (look.shape, look.wrong) == ("number", 0)


@pytest.mark.parametrize(
    ("every", "text", "expected"),
    [(30, "k.A.", ("k.A.",)), (30, "1.234,5", None), (2000, "k.A.", None), (9, "k.A.", None)],
    ids=["a few", "with digits", "twice", "too many"],
)
def test_a_text_that_a_column_of_numbers_repeats_stands_for_a_missing_one(
    tmp_path: Path, every: int, text: str, expected: tuple[str] | None
) -> None:
    numbers = [f"{number},5" for number in range(ROWS)]
    amount = np.where(np.arange(ROWS) % every == 0, text, numbers)
    path = write(binary_rows(amount=amount), tmp_path / "a.csv", delimiter=";")
    assert source(path).get("missing") == expected


def test_values_that_hold_delimiters_and_lines_are_read(tmp_path: Path) -> None:
    town = np.array(['Ulm, "old"\ntown', "Bonn"])[np.arange(ROWS) % 2]
    proposal = proposed(write(binary_rows(town=town), tmp_path / "a.csv"))
    assert roles(proposal)["town"] == "categorical"
    assert proposal.sample.rows == ROWS


@pytest.mark.parametrize("column", ["amount", "country"])
def test_an_open_quotation_mark_is_said(tmp_path: Path, column: str) -> None:
    path = write(binary_rows().select(["id", "amount", "country"]), tmp_path / "a.csv")
    lines = path.read_text().replace('"', "").splitlines()
    values = lines[8].split(",")
    values[["id", "amount", "country"].index(column)] = '"x'
    path.write_text("\n".join([*lines[:8], ",".join(values), *lines[9:], ""]))
    described = found_in(path).describe()
    assert re.search(r"in which 3,99\d of 4,001 lines .* look for an open quotation", described)


def test_values_of_several_lines_are_no_open_quotation_mark(tmp_path: Path) -> None:
    town = np.array(["Ulm,\nold\ntown"] * ROWS)
    path = write(binary_rows(town=town), tmp_path / "a.csv")
    assert "quotation" not in found_in(path).describe()


def test_a_text_in_neither_encoding_that_is_tried_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GERMAN.replace("Köln", "データ"), encoding="shift-jis")
    with pytest.raises(ConfigurationError, match=r"a\.csv is neither UTF-8 nor cp1252.*as UTF-8"):
        proposed(tmp_path / "a.csv")


def test_packed_files_are_read_from_their_beginning(tmp_path: Path) -> None:
    plain = write(binary_rows(), tmp_path / "a.csv").read_bytes()
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / "a.csv.gz").write_bytes(gzip.compress(plain))
    proposal = proposed(tmp_path / "packed")
    assert proposal.sample.table.num_rows == ROWS
    assert roles(proposal)["amount"] == "numerical"
    assert not proposal.sample.exact


def test_of_a_large_file_pieces_from_all_over_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_origin, "_SAMPLE", 40_000)
    monkeypatch.setattr(csv_origin, "_PIECES", 20)
    proposal = proposed(write(binary_rows(), tmp_path / "a.csv"))
    sample = proposal.sample
    assert sample.table.num_rows < ROWS / 4
    assert sample.rows == pytest.approx(ROWS, rel=0.03)
    assert (proposal.cut.granularity, proposal.cut.windows) == ("day", 16)
    assert pc.count_distinct(sample.table["id"]).as_py() == sample.table.num_rows


def test_columns_in_another_order_in_another_file_are_found_by_name(tmp_path: Path) -> None:
    rows = binary_rows()
    write(rows.slice(0, 2000), tmp_path / "in" / "a.csv")
    write(rows.slice(2000).select(rows.column_names[::-1]), tmp_path / "in" / "b.csv")
    assert roles(proposed(tmp_path / "in")) == roles(proposed(tmp_path / "in" / "a.csv"))


def test_the_yaml_of_a_csv_file_loads(tmp_path: Path) -> None:
    spec = loaded(proposed(german(tmp_path)), tmp_path)
    assert (spec.source.kind, spec.columns.numerical) == ("csv", ("betrag",))


@pytest.mark.parametrize("text", ["", "a,b\n", "\n\n", "a,b\n1\n2\n"])
def test_a_file_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ConfigurationError, match="holds no row"):
        proposed(tmp_path / "a.csv")


def test_ids_of_digits_keep_their_zeros(tmp_path: Path) -> None:
    codes = pa.array([f"{number % 40:03}" for number in range(ROWS)])
    look = proposed(write(binary_rows(zone_code=codes), tmp_path / "a.csv")).looks["zone_code"]
    assert "007" in {text for text, _ in look.categories.top} | {*look.as_categories.to_pylist()}
