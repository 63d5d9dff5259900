"""The host tool that makes keys: files, modes, and what it refuses in one line."""

import stat

import need
import pytest

need.package("cryptography")
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from tools import rsakey


def pem(key, passphrase: bytes = b"") -> bytes:
    """Return a private key in PEM."""
    how = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def test_a_key_is_two_files_that_belong_together(tmp_path, capsys):
    assert rsakey.main([str(tmp_path / "new"), "--name", "kitchen"]) == 0
    blob = (tmp_path / "new/kitchen.rsa").read_bytes()
    public = load_pem_public_key((tmp_path / "new/kitchen.pub").read_bytes())
    p, q, dp, dq, qinv = (int.from_bytes(blob[i : i + 64], "big") for i in range(0, 320, 64))
    n = int.from_bytes(blob[320:], "big")
    assert len(blob) == 448 and isinstance(public, rsa.RSAPublicKey)
    assert public.public_numbers().n == n == p * q and public.public_numbers().e == 65537
    assert (dp * 65537 - 1) % (p - 1) == 0 and (dq * 65537 - 1) % (q - 1) == 0 and q * qinv % p == 1
    assert "secret" in capsys.readouterr().out


def test_the_private_half_is_for_its_owner_alone(tmp_path):
    secret, _public = rsakey.write(tmp_path, "ata1", rsakey.generate())
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path, capsys):
    assert rsakey.main([str(tmp_path)]) == 0
    before = (tmp_path / "ata1.rsa").read_bytes()
    assert rsakey.main([str(tmp_path)]) == 1
    assert (tmp_path / "ata1.rsa").read_bytes() == before
    assert "there already" in capsys.readouterr().err


def test_no_half_of_a_pair_is_left_behind(tmp_path, capsys):
    (tmp_path / "ata1.pub").write_bytes(b"of another key")
    assert rsakey.main([str(tmp_path)]) == 1
    assert "ata1.pub is there already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["ata1.pub"]


def test_a_key_of_one_s_own_is_taken(tmp_path):
    key = rsakey.generate()
    (tmp_path / "own.pem").write_bytes(pem(key))
    assert rsakey.main([str(tmp_path), "--from", str(tmp_path / "own.pem")]) == 0
    assert (tmp_path / "ata1.rsa").read_bytes() == rsakey.blob(key)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        (b"rubbish", "no private key in PEM"),
        (pem(rsakey.generate(), b"phrase"), "without a passphrase"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "no RSA key"),
        (pem(rsa.generate_private_key(65537, 2048)), "1024 and 65537 are wanted"),
        (pem(rsa.generate_private_key(3, 1024)), "1024 and 65537 are wanted"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_status_1(tmp_path, capsys, content, why):
    source = tmp_path / "own.pem"
    if content is not None:
        source.write_bytes(content)
    assert rsakey.main([str(tmp_path / "out"), "--from", str(source)]) == 1
    told = capsys.readouterr().err
    assert why in told and told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_name_is_no_path(tmp_path):
    with pytest.raises(SystemExit) as ended:
        rsakey.main([str(tmp_path), "--name", "../ata1"])
    assert ended.value.code == 2
