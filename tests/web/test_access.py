"""The file of tokens: wrong entries are told, and nothing of them is quoted."""

from pathlib import Path

import pytest

from hub.web.access import Access, AccessError

GOOD = "ab" * 32
COLONS = ":".join(["AB"] * 32)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "access.yaml: : Input should be"),
        ("tokens: [{name: a, sha256: geheim}]", "tokens.0.sha256"),
        (f'tokens: [{{name: a, sha256: "{GOOD}", autorities: []}}]', "tokens.0.autorities"),
        (f'tokens: [{{name: a, sha256: "{GOOD}", authorities: [001900]}}]', "valid string"),
        (f'tokens: [{{name: a, sha256: "{GOOD}", services: [famly]}}]', "tokens.0.services"),
        (
            f'tokens: [{{name: a, sha256: "{GOOD}"}}, {{name: b, sha256: "{GOOD}"}}]',
            "two entries have the same sha256",
        ),
        (f'certificates: [{{name: a, sha256: "{GOOD}", role: admin}}]', "certificates.0.role"),
        ("certificates: [{name: a, sha256: geheim}]", "certificates.0.sha256"),
        (
            f'certificates: [{{name: a, sha256: "{GOOD}"}}, {{name: b, sha256: "{COLONS}"}}]',
            "two entries have the same sha256",
        ),
        ("tokens: [", r"access.yaml:1: this is not YAML"),
        ("tokens: []\ntokens: []\n", r"access.yaml:2: this is not YAML"),
    ],
)
def test_a_wrong_file_keeps_the_doors_from_opening(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "access.yaml"
    path.write_text(text)
    with pytest.raises(AccessError, match=sentence) as raised:
        Access(path)
    assert "geheim" not in str(raised.value)


def test_a_missing_file_keeps_the_doors_from_opening(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="cannot be read"):
        Access(tmp_path / "none.yaml")
