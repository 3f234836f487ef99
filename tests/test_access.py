from __future__ import annotations

import base64
import logging
import os
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ui import access
from ui.access import Logins, set_password
from ui.errors import AccessError

NAME, PASSWORD = "王小明", "许昌-correct horse"
SALT = base64.b64encode(bytes(16)).decode()
HASH = base64.b64encode(bytes(32)).decode()

in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "logins"


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """New lines cost next to nothing to check: for tests that make very many."""
    monkeypatch.setattr(access, "_COST", 2)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The passwords that scrypt was asked about."""
    asked: list[str] = []
    matches = access._Secret.matches

    def counted(secret: access._Secret, password: str) -> bool:
        asked.append(password)
        return matches(secret, password)

    monkeypatch.setattr(access._Secret, "matches", counted)
    yield asked


def write(file: Path, text: str | bytes, mode: int = 0o600) -> Path:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    file.chmod(mode)
    return file


def test_a_password_that_was_set_is_right_and_every_other_is_wrong(file: Path) -> None:
    set_password(file, NAME, PASSWORD)
    set_password(file, "amy", "another password")
    logins = Logins.load(file)
    assert logins.check(NAME, PASSWORD)
    assert logins.check("amy", "another password")
    assert not logins.check(NAME, "another password")
    assert not logins.check("amy", PASSWORD)
    assert not logins.check("bob", PASSWORD)
    assert not logins.check("Amy", "another password")


def test_the_file_has_the_documented_form_and_only_its_owner_reads_it(file: Path) -> None:
    set_password(file, NAME, PASSWORD)
    (line,) = file.read_text(encoding="utf-8").splitlines()
    name, method, cost, block, parallel, salt, digest = line.split(":")
    assert (name, method, cost, block, parallel) == (NAME, "scrypt", "32768", "8", "1")
    assert (len(base64.b64decode(salt)), len(base64.b64decode(digest))) == (16, 32)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in line
    assert list(file.parent.iterdir()) == [file], "nothing temporary is left"


def test_two_logins_with_one_password_do_not_look_alike(file: Path) -> None:
    set_password(file, "amy", PASSWORD)
    set_password(file, "bob", PASSWORD)
    first, second = file.read_text(encoding="utf-8").splitlines()
    assert first.split(":")[5:] != second.split(":")[5:]


def test_setting_again_replaces_the_line_and_keeps_every_other(file: Path) -> None:
    set_password(file, "amy", "the first password")
    kept = f"# the owner's note:\u2028 of three\n\n{file.read_text()}bob:scrypt:2:1:1:{SALT}:{HASH}\r\n"
    write(file, kept + "# no line feed after this", 0o644)
    set_password(file, "amy", PASSWORD)
    set_password(file, "cat", PASSWORD)
    lines = file.read_bytes().decode().split("\n")
    before = kept.split("\n")
    assert [lines[0], lines[1], lines[3], lines[4]] == [
        before[0],
        before[1],
        before[3],
        "# no line feed after this",
    ]
    assert lines[2].startswith("amy:scrypt:") and lines[2] != before[2]
    assert lines[5].startswith("cat:scrypt:")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Logins.load(file).check("amy", PASSWORD)


def test_a_link_to_the_file_stays_a_link(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    set_password(link, "amy", PASSWORD)
    assert link.is_symlink()
    assert Logins.load(link).check("amy", PASSWORD)


def test_a_failure_while_writing_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_password(file, "amy", PASSWORD)
    before = file.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AccessError, match="No space left"):
        set_password(file, "bob", PASSWORD)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a" * 65,
        "a:b",
        " amy",
        "amy ",
        "a\nb",
        "a\x00b",
        "a\x85b",
        "a\u2028b",
        "a\u200bb",
        "\ud800",
        "#amy",
    ],
)
def test_names_that_cannot_be_kept_in_the_file_are_refused(file: Path, name: str) -> None:
    with pytest.raises(AccessError, match="a login's name"):
        set_password(file, name, PASSWORD)
    assert not file.exists()


@pytest.mark.parametrize("password", ["", "1234567", "a" * 1025, "\ud800 not a character"])
def test_passwords_that_are_too_short_too_long_or_no_text_are_refused(file: Path, password: str) -> None:
    with pytest.raises(AccessError, match="password"):
        set_password(file, NAME, password)
    assert not file.exists()


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("password", ["12345678", "密" * 1024, "cafe\u0301 and \u00e9", "a:b\nc\x00d e"])
def test_any_text_of_the_right_length_can_be_a_password(file: Path, password: str) -> None:
    set_password(file, NAME, password)
    assert Logins.load(file).check(NAME, password)
    assert not Logins.load(file).check(NAME, password + " ")


@pytest.mark.usefixtures("cheap")
def test_another_keyboards_form_of_the_same_letters_is_the_same_login(file: Path) -> None:
    set_password(file, "Ame\u0301lie", "mot de passe\u0301")
    assert Logins.load(file).check("Am\u00e9lie", "mot de pass\u00e9")


@pytest.mark.usefixtures("cheap")
@in_one_folder
@given(
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=":"), min_size=1, max_size=20),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=40),
)
def test_a_line_that_was_written_is_always_read(tmp_path: Path, name: str, password: str) -> None:
    file = tmp_path / "logins"
    try:
        set_password(file, name, password)
    except AccessError as error:
        assert name.startswith("#") or "characters" in str(error), "normalizing may change a length"
        return
    assert Logins.load(file).check(name, password)


def test_what_is_wrong_with_a_file_is_said_in_one_line_with_the_mend(tmp_path: Path, file: Path) -> None:
    def refusal(of: Path) -> str:
        with pytest.raises(AccessError) as caught:
            Logins.load(of)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert f"add a login with `rag password {file} NAME`" in refusal(file)
    assert f"`rag password {file} NAME`" in refusal(write(file, ""))
    assert f"`rag password {file} NAME`" in refusal(write(file, "# nobody yet\n\n  \n"))
    assert "not UTF-8" in refusal(write(file, b"\xff\xfe"))
    assert "is not a file of logins" in refusal(tmp_path)
    assert "is not a file of logins" in refusal(write(file, "# " + "x" * (1 << 20)))


@pytest.mark.parametrize(
    "line",
    [
        "amy",
        "amy:secret",
        f"amy:md5:2:1:1:{SALT}:{HASH}",
        f"amy:scrypt:2:1:1:{SALT}",
        f"amy:scrypt:2:1:1:{SALT}:{HASH}:more",
        f"amy:scrypt:3:1:1:{SALT}:{HASH}",
        f"amy:scrypt:0:1:1:{SALT}:{HASH}",
        f"amy:scrypt:-2:1:1:{SALT}:{HASH}",
        f"amy:scrypt:２:1:1:{SALT}:{HASH}",
        f"amy:scrypt:{'9' * 5000}:1:1:{SALT}:{HASH}",
        f"amy:scrypt:{2**21}:8:1:{SALT}:{HASH}",
        f"amy:scrypt:2:{2**19}:1:{SALT}:{HASH}",
        f"amy:scrypt:2:1:1000000:{SALT}:{HASH}",
        f"amy:scrypt:2:1:1:***:{HASH}",
        f"amy:scrypt:2:1:1:{SALT}:密",
        "amy:scrypt:2:1:1::",
        f"amy:scrypt:2:1:1:{HASH * 9}:{HASH}",
        f"amy :scrypt:2:1:1:{SALT}:{HASH}",
        f":scrypt:2:1:1:{SALT}:{HASH}",
        f"bob:scrypt:2:1:1:{SALT}:{HASH}",
    ],
)
def test_a_broken_line_is_named_by_its_number(file: Path, line: str) -> None:
    write(file, f"# logins\n\nbob:scrypt:2:1:1:{SALT}:{HASH}\n{line}\n")
    with pytest.raises(AccessError, match=r"line 4: .*`rag password"):
        Logins.load(file)


@in_one_folder
@given(st.binary(max_size=300) | st.text(":scrypt0123456789=#\n\r\ufeff 密Aa", max_size=300).map(str.encode))
def test_no_file_breaks_loading(tmp_path: Path, content: bytes) -> None:
    try:
        Logins.load(write(tmp_path / "logins", content))
    except AccessError as error:
        assert "\n" not in str(error).replace(str(tmp_path), "")


def test_a_byte_order_mark_is_not_part_of_a_name(file: Path) -> None:
    set_password(file, "amy", PASSWORD)
    write(file, b"\xef\xbb\xbf" + file.read_bytes())
    assert Logins.load(file).check("amy", PASSWORD)


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_can_write_to_is_refused(file: Path, mode: int) -> None:
    set_password(file, "amy", PASSWORD)
    file.chmod(mode)
    with pytest.raises(AccessError, match="chmod 600"):
        Logins.load(file)


def test_a_file_that_others_can_read_is_used_with_a_warning(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    set_password(file, "amy", PASSWORD)
    Logins.load(file)
    assert not caplog.records
    file.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        assert Logins.load(file).check("amy", PASSWORD)
    assert "chmod 600" in caplog.text


def test_an_unknown_name_takes_the_same_work_as_a_known_one(file: Path, hashed: list[str]) -> None:
    write(file, f"amy:scrypt:16:8:2:{SALT}:{HASH}\nbob:scrypt:2:1:1:{SALT}:{HASH}\n")
    logins = Logins.load(file)
    assert not logins.check("amy", PASSWORD)
    assert not logins.check("nobody", PASSWORD)
    assert hashed == [PASSWORD, PASSWORD]
    assert logins._stand_in.work == 16 * 8 * 2


def test_a_right_password_is_hashed_once_and_a_wrong_one_every_time(file: Path, hashed: list[str]) -> None:
    set_password(file, "amy", PASSWORD)
    logins = Logins.load(file)
    assert [logins.check("amy", password) for password in (PASSWORD, PASSWORD, "wrong one", PASSWORD)] == [
        True,
        True,
        False,
        True,
    ]
    assert hashed == [PASSWORD, "wrong one"]
    assert PASSWORD.encode() not in b"".join(logins._proofs.values())


@pytest.mark.usefixtures("cheap")
def test_five_wrong_passwords_in_a_minute_close_a_name_for_half_a_minute(
    file: Path, hashed: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    set_password(file, "amy", PASSWORD)
    set_password(file, "bob", PASSWORD)
    clock = Clock()
    logins = Logins.load(file, clock)
    assert logins.check("amy", PASSWORD), "being remembered opens no way around"
    for _ in range(5):
        assert not logins.check("amy", "guess the password")
        clock.now += 10
    guessed = len(hashed)
    clock.now -= 10
    assert not logins.check("amy", PASSWORD)
    assert len(hashed) == guessed, "a refused attempt costs nothing"
    assert logins.check("bob", PASSWORD), "other names are not touched"
    assert "'amy'" in caplog.text and "guess" not in caplog.text
    clock.now += 29.9
    assert not logins.check("amy", PASSWORD)
    clock.now += 0.1
    assert logins.check("amy", PASSWORD)


@pytest.mark.usefixtures("cheap")
def test_unknown_names_are_closed_like_known_ones(file: Path, hashed: list[str]) -> None:
    set_password(file, "amy", PASSWORD)
    logins = Logins.load(file, Clock())
    for _ in range(8):
        assert not logins.check("nobody", PASSWORD)
    assert len(hashed) == 5


@pytest.mark.usefixtures("cheap")
def test_slow_mistakes_and_a_right_password_between_close_nothing(file: Path) -> None:
    set_password(file, "amy", PASSWORD)
    clock = Clock()
    logins = Logins.load(file, clock)
    for _ in range(20):
        assert not logins.check("amy", "guess the password")
        clock.now += 15
    assert logins.check("amy", PASSWORD)
    for _ in range(4):
        assert not logins.check("amy", "guess the password")
    # It is remembered, and known without hashing; the four mistakes are still counted.
    assert logins.check("amy", PASSWORD)


@pytest.mark.usefixtures("cheap")
def test_guessed_names_do_not_fill_the_memory(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_MOST_GUESSED_NAMES", 10)
    set_password(file, "amy", PASSWORD)
    logins = Logins.load(file, Clock())
    for number in range(50):
        for _ in range(5):
            logins.check(f"nobody {number}", PASSWORD)
    assert len(logins._guesses._failures) == 10
    assert len(logins._guesses._refused_until) == 10


@pytest.mark.usefixtures("cheap")
def test_what_cannot_be_a_login_is_wrong_without_any_work(file: Path, hashed: list[str]) -> None:
    set_password(file, "amy", PASSWORD)
    logins = Logins.load(file)
    endless = "x" * 10**6
    for name, password in [
        ("", ""),
        ("amy", "short"),
        ("amy", endless),
        (endless, PASSWORD),
        ("\ud800", PASSWORD),
    ]:
        assert not logins.check(name, password)
    assert hashed == []


def test_guesses_that_come_all_at_once_are_counted_and_right_ones_all_let_in(
    file: Path, hashed: list[str]
) -> None:
    set_password(file, "amy", PASSWORD)
    set_password(file, "bob", PASSWORD)
    logins = Logins.load(file, Clock())
    together = threading.Barrier(16)

    def at_once(login: tuple[str, str]) -> bool:
        together.wait(30)
        return logins.check(*login)

    asked = [("amy", PASSWORD)] * 8 + [("bob", "guess the password")] * 8
    with ThreadPoolExecutor(len(asked)) as threads:
        assert list(threads.map(at_once, asked)) == [True] * 8 + [False] * 8
    assert sorted(hashed) == sorted([PASSWORD] + ["guess the password"] * 5)
