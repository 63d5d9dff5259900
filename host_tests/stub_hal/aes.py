"""AES-128 in CBC with a zero IV, as firmware/hal.pyi shapes it.

MicroPython brings it in `cryptolib`; CPython borrows the `cryptography` package and is given the same shape.
"""


class _Cbc:
    """One chain of blocks, of one direction: each call goes on where the last one ended."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16)))
        self._encryptor = cipher.encryptor()
        self._decryptor = cipher.decryptor()

    def encrypt(self, src: memoryview, dst: memoryview) -> None:
        """Encrypt `src`, whole blocks of 16 octets, into `dst`."""
        dst[:] = self._encryptor.update(bytes(src))

    def decrypt(self, src: memoryview, dst: memoryview) -> None:
        """Decrypt `src`, whole blocks of 16 octets, into `dst`."""
        dst[:] = self._decryptor.update(bytes(src))


def cbc(key: bytes):
    """Return a chain of blocks under the 16 octets `key`."""
    try:
        from cryptolib import aes
    except ImportError:
        return _Cbc(key)
    return aes(key, 2, bytes(16))  # 2 = CBC
