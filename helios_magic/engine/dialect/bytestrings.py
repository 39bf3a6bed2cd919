"""bytea: its text forms, encode and decode, and what is done to its bytes and bits."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib

_ESCAPE = re.compile(rb"\\(?:(\\)|([0-3][0-7]{2})|)")


def from_hex(text: str) -> bytes:
    digits = re.sub(r"[ \n\t\r]", "", text)
    wrong = re.search(r"[^0-9a-fA-F]", digits)
    if wrong is not None:
        raise ValueError(f'[22023] invalid hexadecimal digit: "{wrong[0]}"')
    if len(digits) % 2:
        raise ValueError("[22023] invalid hexadecimal data: odd number of digits")
    return bytes.fromhex(digits)


def from_escape(text: str) -> bytes:
    def part(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return b"\\"
        if not found[2]:
            raise ValueError("[22P02] invalid input syntax for type bytea")
        return bytes([int(found[2], 8)])

    return _ESCAPE.sub(part, text.encode())


def read(text: str) -> bytes:
    """A bytea's text, in hex or escape form."""
    return from_hex(text[2:]) if text.startswith("\\x") else from_escape(text)


def _from_base64(text: str) -> bytes:
    plain = re.sub(r"[ \n\t\r]", "", text)
    wrong = re.search(r"[^A-Za-z0-9+/=]", plain)
    if wrong is not None:
        raise ValueError(f'[22023] invalid symbol "{wrong[0]}" found while decoding base64 sequence')
    if re.fullmatch(r"[^=]*={0,2}", plain) is None:
        raise ValueError('[22023] unexpected "=" while decoding base64 sequence')
    if len(plain) % 4:
        raise ValueError("[22023] invalid base64 end sequence")
    return base64.b64decode(plain)


def _unknown(encoding: str) -> ValueError:
    return ValueError(f'[22023] unrecognized encoding: "{encoding}"')


def encode(value: bytes, encoding: str) -> str:
    kind = encoding.lower()
    if kind == "hex":
        return value.hex()
    if kind == "base64":
        plain = base64.b64encode(value).decode()
        return "\n".join(plain[at : at + 76] for at in range(0, len(plain), 76))
    if kind == "escape":
        return "".join("\\\\" if byte == 0x5C else chr(byte) if 0 < byte < 0x80 else f"\\{byte:03o}" for byte in value)
    raise _unknown(encoding)


def decode(text: str, encoding: str) -> bytes:
    reader = {"hex": from_hex, "base64": _from_base64, "escape": from_escape}.get(encoding.lower())
    if reader is None:
        raise _unknown(encoding)
    return reader(text)


def _codec(name: str) -> str:
    known = re.sub(r"[^a-z0-9]", "", name.lower())
    codecs = {"utf8": "utf-8", "unicode": "utf-8", "latin1": "latin-1", "iso88591": "latin-1", "sqlascii": "utf-8"}
    if known not in codecs:
        raise ValueError(f'[0A000] the encoding "{name}" is not supported: UTF8 and LATIN1 are')
    return codecs[known]


def convert_from(value: bytes, name: str) -> str:
    codec = _codec(name)
    try:
        text = value.decode(codec)
    except UnicodeDecodeError as error:
        wrong = " ".join(f"0x{byte:02x}" for byte in value[error.start : max(error.end, error.start + 1)])
        raise ValueError(f'[22021] invalid byte sequence for encoding "UTF8": {wrong}') from None
    if "\0" in text:
        raise ValueError('[22021] invalid byte sequence for encoding "UTF8": 0x00')
    return text


def convert_to(text: str, name: str) -> bytes:
    try:
        return text.encode(_codec(name))
    except UnicodeEncodeError as error:
        shown = " ".join(f"0x{byte:02x}" for byte in text[error.start].encode())
        raise ValueError(
            f'[22P05] character with byte sequence {shown} in encoding "UTF8" has no equivalent in encoding "LATIN1"'
        ) from None


def _within(place: int, size: int) -> None:
    if not 0 <= place < size:
        raise ValueError(f"[2202E] index {place} out of valid range, 0..{size - 1}")


def get_byte(value: bytes, place: int) -> int:
    _within(place, len(value))
    return value[place]


def set_byte(value: bytes, place: int, byte: int) -> bytes:
    _within(place, len(value))
    return value[:place] + bytes([byte & 255]) + value[place + 1 :]


def get_bit(value: bytes, place: int) -> int:
    _within(place, len(value) * 8)
    return value[place // 8] >> (place % 8) & 1


def set_bit(value: bytes, place: int, bit: int) -> bytes:
    _within(place, len(value) * 8)
    if bit not in (0, 1):
        raise ValueError("[22023] new bit must be 0 or 1")
    mask = 1 << (place % 8)
    byte = value[place // 8]
    return set_byte(value, place // 8, byte | mask if bit else byte & ~mask)


def bit_count(value: bytes) -> int:
    return sum(byte.bit_count() for byte in value)


def overlay(value: bytes, part: bytes, start: int, size: int) -> bytes:
    if start <= 0:
        raise ValueError("[22011] negative substring length not allowed")
    return value[: start - 1] + part + value[max(start - 1 + size, 0) :]


def position(value: bytes, part: bytes) -> int:
    return value.find(part) + 1


def substring(value: bytes, start: int, size: int) -> bytes:
    if size < 0:
        raise ValueError("[22011] negative substring length not allowed")
    return value[max(start - 1, 0) : max(start - 1 + size, 0)]


def trim(value: bytes, marks: bytes) -> bytes:
    return value.strip(marks) if marks else value


def trim_left(value: bytes, marks: bytes) -> bytes:
    return value.lstrip(marks) if marks else value


def trim_right(value: bytes, marks: bytes) -> bytes:
    return value.rstrip(marks) if marks else value


def backwards(value: bytes) -> bytes:
    return value[::-1]


def hashed(value: bytes, size: int) -> bytes:
    return hashlib.new(f"sha{size}", value).digest()


def crc32(value: bytes) -> int:
    return zlib.crc32(value)


def concatenated(pieces: list[bytes]) -> bytes:
    return b"".join(pieces)


_B, _T, _N = "BLOB", "VARCHAR", "INTEGER"
BYTE_FUNCTIONS = (
    ("pg_bytea_read", read, (_T,), _B),
    ("pg_encode", encode, (_B, _T), _T),
    ("pg_decode", decode, (_T, _T), _B),
    ("pg_convert_from", convert_from, (_B, _T), _T),
    ("pg_convert_to", convert_to, (_T, _T), _B),
    ("pg_get_byte", get_byte, (_B, _N), _N),
    ("pg_set_byte", set_byte, (_B, _N, _N), _B),
    ("pg_get_bit", get_bit, (_B, "BIGINT"), _N),
    ("pg_set_bit", set_bit, (_B, "BIGINT", _N), _B),
    ("pg_bit_count", bit_count, (_B,), "BIGINT"),
    ("pg_bytes_overlay", overlay, (_B, _B, _N, _N), _B),
    ("pg_bytes_position", position, (_B, _B), _N),
    ("pg_bytes_part", substring, (_B, _N, _N), _B),
    ("pg_bytes_trim", trim, (_B, _B), _B),
    ("pg_bytes_ltrim", trim_left, (_B, _B), _B),
    ("pg_bytes_rtrim", trim_right, (_B, _B), _B),
    ("pg_bytes_reverse", backwards, (_B,), _B),
    ("pg_sha", hashed, (_B, _N), _B),
    ("pg_crc32", crc32, (_B,), "BIGINT"),
    ("pg_bytes_join", concatenated, ("BLOB[]",), _B),
)
