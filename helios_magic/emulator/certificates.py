"""The certificate of `helios serve --tls-self-signed`; the only user of `cryptography`, an optional dependency."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from pathlib import Path

from helios_magic.emulator.addressing import CONTROL_HOST
from helios_magic.errors import UsageError

_NAMES = (CONTROL_HOST, "*.heliosdb.io", "localhost")
_ADDRESSES = ("127.0.0.1", "::1")
_LIFETIME = dt.timedelta(days=397)
_RENEW_BEFORE = dt.timedelta(days=30)


def self_signed(folder: Path, now: dt.datetime) -> Path:
    """The PEM file with key and certificate in a store's folder, mode 0600; made where it is missing or nearly over.

    It is kept, so that a client which was told to trust it once still can after a restart.
    Raises `UsageError` when `cryptography` is not installed.
    """
    try:
        from cryptography import x509
    except ImportError:
        raise UsageError(
            "--tls-self-signed needs the package cryptography, which is not installed",
            hint="pip install 'helios-magic[tls]', or bring your own with --tls-cert and --tls-key.",
        ) from None
    path = folder / "tls-self-signed.pem"
    if path.exists():
        try:
            kept = x509.load_pem_x509_certificate(path.read_bytes())
        except ValueError:
            kept = None
        if kept is not None and kept.not_valid_after_utc - _RENEW_BEFORE > now:
            return path
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(_make(now))
    draft.replace(path)
    return path


def _make(now: dt.datetime) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "helios serve (self-signed)")])
    names: list[x509.GeneralName] = [x509.DNSName(each) for each in _NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(each)) for each in _ADDRESSES]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
