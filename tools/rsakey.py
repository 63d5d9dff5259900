#!/usr/bin/env python3
"""Make the RSA key of an account: the device's private half, and the public half for the server.

    tools/rsakey.py FOLDER [--name ata1] [--from KEY.pem]

FOLDER/ata1.pub goes into the keys folder of Asterisk (`auth = rsa`, `inkeys = ata1` in iax.conf, then the
console commands `module reload res_crypto` and `iax2 reload`). FOLDER/ata1.rsa is secret, readable by its
owner alone: the device keeps it as the blob `rsa.1` of its account 1, the virtual phone takes it with
--rsa-key.

The .rsa file is 448 octets: p, q, dp, dq, qinv of 64 octets each and n of 128, big-endian; the public
exponent is 65,537 (RFC 8017, section 3.2). IAX2 knows RSA keys of 1,024 bits only (RFC 5456, section 8.6.16).
Exit status: 0 done; 1 not possible, the line says why; 2 wrong usage.
"""

import argparse
import errno
import os
import sys
from pathlib import Path

try:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
except ImportError:
    print("rsakey: needs the package cryptography: sh tools/env.sh python tools/rsakey.py …", file=sys.stderr)
    sys.exit(1)

BITS = 1024
EXPONENT = 65537
PRIME, MODULUS = 64, 128


class KeyTrouble(Exception):
    """The key cannot be made or used; the text says why in one line."""


def blob(key: rsa.RSAPrivateKey) -> bytes:
    """Return the device's form of a private key."""
    numbers = key.private_numbers()
    public = numbers.public_numbers
    if key.key_size != BITS or public.e != EXPONENT:
        raise KeyTrouble(f"it has {key.key_size} bits and the exponent {public.e}: 1024 and 65537 are wanted")
    parts = (numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
    if any(part.bit_length() > 8 * PRIME for part in parts):
        raise KeyTrouble("its primes are not of the same length")
    return b"".join(part.to_bytes(PRIME, "big") for part in parts) + public.n.to_bytes(MODULUS, "big")


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    """Return what Asterisk reads from a .pub file."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def generate() -> rsa.RSAPrivateKey:
    """Return a new key."""
    return rsa.generate_private_key(EXPONENT, BITS)


def read(path: Path) -> rsa.RSAPrivateKey:
    """Return the private key of a PEM file without a passphrase."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        why = getattr(error, "strerror", None) or "no private key in PEM without a passphrase"
        raise KeyTrouble(f"{path}: {why}") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyTrouble(f"{path}: it is no RSA key")
    return key


def write(folder: Path, name: str, key: rsa.RSAPrivateKey) -> "tuple[Path, Path]":
    """Write NAME.rsa (mode 0600) and NAME.pub, neither over a file that is there; return their paths."""
    secret, public = folder / f"{name}.rsa", folder / f"{name}.pub"
    octets = blob(key)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if public.exists():  # or half a pair would be left behind
            raise FileExistsError(errno.EEXIST, "", str(public))
        for path, mode, data in ((secret, 0o600, octets), (public, 0o644, public_pem(key))):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
                out.write(data)
    except FileExistsError as error:
        raise KeyTrouble(f"{error.filename} is there already: keys are never overwritten") from None
    except OSError as error:
        raise KeyTrouble(f"{error.filename}: {error.strerror}") from None
    return secret, public


def main(argv: "list[str] | None" = None) -> int:
    """Make or take a key, write both halves."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the two files go")
    parser.add_argument("--name", default="ata1", help="of the files, and of the key in Asterisk (ata1)")
    parser.add_argument("--from", dest="source", type=Path, metavar="KEY.pem", help="take this private key")
    given = parser.parse_args(argv)
    if not given.name or "/" in given.name:
        parser.error(f"--name {given.name}: the name of a file")
    try:
        secret, public = write(given.folder, given.name, read(given.source) if given.source else generate())
    except KeyTrouble as trouble:
        print(f"rsakey: {trouble}", file=sys.stderr)
        return 1
    print(f"{secret}: for the device, secret")
    print(f"{public}: for the server")
    return 0


if __name__ == "__main__":
    sys.exit(main())
