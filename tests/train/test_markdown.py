"""Markdown: tables, text that is no markup, and pages that keep what people write into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from faceprep.errors import StorageError
from faceprep.train.markdown import code, fenced, folded, plain, table, write_page

if TYPE_CHECKING:
    from pathlib import Path

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(text: str) -> str:
    """What a reader of Markdown sees of a cell, the markup gone."""
    html = str(READER.render("\n".join(table(["a"], [[text]]))))
    cell = html.partition("<tbody>")[2].partition("<td>")[2].rpartition("</td>")[0]
    for tag in ("<code>", "</code>"):
        cell = cell.replace(tag, "")
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        cell = cell.replace(entity, char)
    return cell


def test_a_table_is_aligned_and_ends_in_an_empty_line() -> None:
    assert list(table(["a", "b", "c"], [["1", "2", "3"]], "lr")) == [
        "| a | b | c |",
        "| --- | ---: | --- |",
        "| 1 | 2 | 3 |",
        "",
    ]


@pytest.mark.parametrize(
    "text",
    ["v12", "a|b", "*bold*", "_x_", "a_b", "`tick`", "[a](b)", "<br>", "a\\b", "~~gone~~", "1 < 2"],
)
def test_nothing_in_plain_text_is_markup(text: str) -> None:
    assert shown(plain(text)) == text


@pytest.mark.parametrize("text", ["v12", "a|b", "`tick`", "a `` b", "*x*", "<br>", "a  b\nc"])
def test_code_shows_what_it_is_given_on_one_line(text: str) -> None:
    assert shown(code(text)) == " ".join(text.split())
    assert code("") == ""


@given(st.text(alphabet="ab`|*_<>[]()\\~\n ", max_size=12))
def test_any_name_stays_in_its_cell(text: str) -> None:
    line = " ".join(text.split())
    assert shown(plain(text)) == line
    html = READER.render("\n".join(table(["a", "b"], [[plain(text), code(text)]])))
    assert html.count("<td>") == 2
    assert html.count("<tr>") == 2


def test_folded_lines_are_markdown_of_their_own() -> None:
    assert list(folded("More", ["a", "", ""])) == [
        *("<details>", "<summary>More</summary>", ""),
        *("a", "", "</details>", ""),
    ]


def test_a_fence_is_longer_than_those_in_the_text() -> None:
    assert list(fenced("a\n```\nb", "sh")) == ["````sh", "a", "```", "b", "````", ""]


def test_a_page_ends_in_room_for_notes(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    write_page(str(page), ["# One", ""])
    text = page.read_text("utf-8")
    assert text.startswith("# One\n\n## Notes\n\n<!-- ")
    assert text.endswith("-->\n\n")


@pytest.mark.parametrize(
    "notes",
    [
        b"\nGood run.\n",
        "\n\nÄ 李\n".encode(),
        b"\r\nWindows\r\n",
        b"\n## Notes\n\nmine",
        b"\n\xff",
        b"",
    ],
)
def test_notes_stay_to_the_byte_however_often_a_page_is_written(
    tmp_path: Path, notes: bytes
) -> None:
    page = tmp_path / "README.md"
    write_page(str(page), ["# One", ""])
    page.write_bytes(page.read_bytes().rstrip() + notes)
    for title in ("# Two", "# Three"):
        write_page(str(page), [title, ""])
    content = page.read_bytes()
    assert content.startswith(b"# Three\n\n## Notes")
    assert content.endswith(b"-->" + notes)
    assert b"One" not in content
    assert content.count(b"<!--") == 1


def test_somebodys_own_page_becomes_the_notes(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("# My experiments\n\nv4 was bad.\n", "utf-8")
    for _ in range(2):
        write_page(str(page), ["# Runs", ""])
    text = page.read_text("utf-8")
    assert text.startswith("# Runs\n")
    assert text.endswith("-->\n\n# My experiments\n\nv4 was bad.\n")


def test_a_page_that_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.mkdir()
    with pytest.raises(StorageError, match=f"{page}: its notes cannot be kept"):
        write_page(str(page), ["# Runs", ""])
    assert page.is_dir()
