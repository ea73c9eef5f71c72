"""Mappings: the one format that says what a foreign table's columns mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from costbasis.errors import BadMapping, UnknownName, UnreadableInput
from costbasis.usage.mapping import Column, check_columns, present_columns
from costbasis.usage.mappingfile import find_mapping, mapping_text, named_mappings, parse_mapping

SMALL = '[columns]\ntime = "t"\nmodel = "m"\ninput = "i"\noutput = "o"\n'


@pytest.mark.parametrize("name", named_mappings())
def test_every_mapping_that_ships_reads_says_where_it_is_from_and_is_written_back_as_itself(name: str) -> None:
    mapping = find_mapping(name)
    assert mapping.says
    assert mapping.source
    assert parse_mapping(mapping_text(mapping), name=name, where="again") == mapping


def test_a_mapping_of_anything_is_written_back_as_itself() -> None:
    text = (
        'time_unit = "ms"\ntimezone = "Europe/Zurich"\ninput_includes = ["cache_read"]\ntokens_per_unit = 1000\n'
        'output_includes_reasoning = false\noptional = ["user"]\n' + SMALL + 'user = "the \\"user\\"\\n"\n'
        'cache_read = [{ column = "j", path = ["a b", "c"] }, "r"]\n[values.mode]\n"" = "standard"\nflex = "batch"\n'
    )
    mapping = parse_mapping(text, name="x", where="x.toml")
    assert parse_mapping(mapping_text(mapping), name="x", where="x.toml") == mapping
    assert mapping.columns["cache_read"] == (Column("j", ("a b", "c")), Column("r"))
    assert mapping.named("mode", "flex") == "batch"
    assert mapping.named("mode", "other") == "other"
    assert mapping.names == ["t", "m", 'the "user"\n', "i", "j", "r", "o"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[columns", "x.toml: not TOML: "),
        (SMALL.replace('model = "m"\n', ""), "x.toml: no column for model\nhint: [columns] needs time, model, output"),
        (SMALL.replace('input = "i"\n', ""), 'x.toml: no column for input\nhint: add input = "your_column"'),
        (SMALL + 'ouput = "o"\n', 'x.toml: [columns] names no field "ouput"; did you mean "output" or "input"?'),
        ("timezon = 'UTC'\n" + SMALL, 'x.toml: unknown key "timezon"; did you mean "timezone" or "time_unit"?'),
        ("timezone = 'Mars/Base'\n" + SMALL, 'x.toml: timezone: unknown time zone "Mars/Base"'),
        ("time_unit = 'fortnight'\n" + SMALL, 'x.toml: time_unit: "fortnight" is not known\nhint: one of timestamp, s'),
        ("input_includes = ['output']\n" + SMALL, 'x.toml: input_includes: "output" is not known'),
        ("input_includes = 'cache_read'\n" + SMALL, "x.toml: input_includes: 'cache_read' is of the wrong kind"),
        ("tokens_per_unit = 0\n" + SMALL, "x.toml: tokens_per_unit: 0 is not a number from 1 on"),
        ("optional = ['time']\n" + SMALL, 'x.toml: optional: "time" is not known'),
        ("schema = 'costbasis.mapping/9'\n" + SMALL, 'x.toml: unknown schema "costbasis.mapping/9"'),
        (SMALL + "user = 3\n", "x.toml: columns.user: not a column\nhint: write "),
        (SMALL + "user = []\n", "x.toml: columns.user: no column"),
        (SMALL + "[values.user]\na = 'b'\n", 'x.toml: [values] has no field "user"'),
        (SMALL + "[values.mode]\na = 3\n", "x.toml: values.mode: not text to text"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_said_with_where_and_what_to_write(text: str, message: str) -> None:
    with pytest.raises(BadMapping) as caught:
        parse_mapping(text, name="x", where="x.toml")
    assert str(caught.value).startswith(message)
    assert caught.value.hint


def test_a_name_that_no_mapping_has_and_a_file_that_is_not_there_are_said() -> None:
    with pytest.raises(UnknownName) as unknown:
        find_mapping("litelm-spendlog")
    assert 'unknown mapping "litelm-spendlog"; did you mean "litellm-spendlogs"?' in str(unknown.value)
    with pytest.raises(UnreadableInput) as missing:
        find_mapping("nowhere/mine.toml")
    assert str(missing.value) == "nowhere/mine.toml: cannot be read (No such file or directory)\nhint: check --mapping"


def test_a_table_that_lacks_a_column_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    mapping = parse_mapping(SMALL.replace('"o"', '"output_tokens"'), name="mine", where="mine.toml")
    with pytest.raises(BadMapping) as caught:
        check_columns(mapping, ["t", "m", "i", "output_tok"], "usage.parquet")
    assert str(caught.value) == (
        'usage.parquet: mapping "mine": the table has no column "output_tokens" for output;'
        ' did you mean "output_tok"?\n'
        "hint: it has t, m, i, output_tok; correct [columns] of the mapping"
    )


def test_optional_fields_may_be_missing_and_are_then_left_out() -> None:
    plain = find_mapping("plain")
    present = ["time", "model", "input_tok", "output_tok"]
    check_columns(plain, present, "here")
    assert sorted(present_columns(plain, present)) == ["input", "model", "output", "time"]
